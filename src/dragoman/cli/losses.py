"""`losses`: what one dialect says and another cannot, by member; or what one request would lose. Asks nobody."""

from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli import pairing

if TYPE_CHECKING:
    from dragoman.dialects.pairs import Row

CLIENT = Annotated[str, typer.Option("--from", metavar="DIALECT", help="The dialect of who asks.")]
PROVIDER = Annotated[str | None, typer.Option("--to", metavar="DIALECT", help="The dialect of who is asked.")]
TARGET = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="A model as a client would name it (`PROVIDER:MODEL`, a tier, ...): the first configured target that would be asked "
        "for it, with its quirks.",
    ),
]
MODEL = Annotated[str, typer.Option(metavar="TEXT", help="The model's name, where the body holds none.")]
STREAM = Annotated[bool, typer.Option("--stream", help="Asked as a stream, where the body does not say.")]


def losses(
    client: CLIENT,
    to: PROVIDER = None,
    target: TARGET = None,
    file: Annotated[str | None, typer.Argument(metavar="FILE", help="A request's body; - reads it from stdin.")] = None,
    model: MODEL = "model",
    stream: STREAM = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 8 or 9 where a strict server would refuse: refused, dropped.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document for programs.")] = False,
) -> None:
    """Show what is lost between two dialects.

    Without FILE: what becomes of each member of a request that says everything its dialect can say. With FILE: what exactly this
    request would lose, and where in it. Nobody is asked.

    Dialects go by their ids or short: anthropic (claude, messages), openai-chat (chat), and so on; a wrong word lists them all.

      dragoman losses --from claude --to chat

      dragoman losses --from claude --target groq:llama-3.3-70b-versatile request.json
    """
    pair = pairing.paired(client, to, target, model)
    kinds = _table(pair, as_json) if file is None else _of_request(pair, pairing.read(file), model, stream, as_json)
    if strict:
        pairing.judge(kinds)


def _table(pair: pairing.Pair, as_json: bool) -> list[str]:
    from dragoman.cli.tables import aligned
    from dragoman.dialects.bodies import call_of, example
    from dragoman.dialects.lanes import lane_of
    from dragoman.dialects.pairs import table

    body = example(pair.client)
    rows = table(pair.client, pair.speaker, pair.target, [body])
    lane = lane_of(call_of(pair.client, body, model=pair.target.model), pair.client, pair.target)
    if as_json:
        _print({**pair.facts(lane), "members": rows})
    else:
        _about(pair, lane)
        print(aligned(("kind", "member", "why"), [_cells(row) for row in rows]))
    return [row.kind for row in rows]


def _about(pair: pairing.Pair, lane: str) -> None:
    """Two dialects alone are always translated: that need not be said."""
    if pair.configured or lane == "copy":
        pairing.say(pair.about(lane))


def _cells(row: "Row") -> tuple[str, str, str]:
    return row.kind, row.member, "; ".join(row.whys)


def _of_request(pair: pairing.Pair, body: bytes, model: str, stream: bool, as_json: bool) -> list[str]:
    from dragoman.dialects.pairs import graded, told

    pair, envelope = pairing.call(pair, body, model, stream)
    lane, built = told(envelope, pair.client, pair.speaker, pair.target, pair.seal_key)
    if as_json:
        _print({**pair.facts(lane), "losses": graded(built.losses)})
        return [loss.kind.value for loss in built.losses]
    _about(pair, lane)
    if built.losses:
        print(pairing.listed(built.losses))
    else:
        pairing.say("nothing is lost")
    return [loss.kind.value for loss in built.losses]


def _print(document: object) -> None:
    from dragoman.wire import json

    print(json.text(document))
