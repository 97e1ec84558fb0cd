"""`translate`: what would be sent for a request, or what a client would get for an answer. Asks nobody: the same code that serves
calls is given the body alone.
"""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli import pairing
from dragoman.cli.losses import MODEL, TARGET

if TYPE_CHECKING:
    from dragoman.relay.legs import Leg


def translate(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The body; - reads it from stdin.")],
    asking: Annotated[
        str | None, typer.Option("--from", metavar="DIALECT", help="The dialect of FILE.  [default: with --answer: --target's]")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="DIALECT", help="The dialect wanted.  [default: without --answer: --target's]")
    ] = None,
    target: TARGET = None,
    answer: Annotated[
        bool, typer.Option("--answer", help="FILE is a provider's answer, JSON or a stream; --to is the client's dialect.")
    ] = False,
    request: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="With --answer: the client's request, for names to give back.  [default: a bare one]"),
    ] = None,
    status: Annotated[
        int, typer.Option(metavar="INTEGER", min=200, max=599, help="With --answer: the HTTP status it came with.")
    ] = 200,
    model: MODEL = "model",
    stream: Annotated[bool, typer.Option("--stream", help="As a stream: an answer; a request whose body does not say.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what would be dropped, as a strict server does.")] = False,
    pretty: Annotated[bool, typer.Option("--pretty", help="JSON with line breaks.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Tell lane, method, URL and headers, too; credentials are masked.")
    ] = False,
) -> None:
    """Translate one request or answer, and send nothing.

    Prints the body as it would go out, to stdout; what is lost, to stderr. With --target the provider's own quirks count.

      dragoman translate --from claude --to chat --pretty request.json

      dragoman translate --from chat --to claude --answer answer.sse
    """
    if answer:
        from dragoman.cli.answers import translate_answer

        translate_answer(pairing.read(file), asking, to, target, request, status, model, stream=stream, pretty=pretty)
        return
    if asking is None:
        raise typer.BadParameter("the dialect of FILE is needed", param_hint="--from")
    pair = pairing.paired(asking, to, target, model)
    leg = _leg(pair, pairing.read(file), model, stream=stream, strict=strict)
    if verbose:
        _tell(pair, leg)
    write(leg.built.body, pretty=pretty)


def _leg(pair: pairing.Pair, body: bytes, model: str, *, stream: bool, strict: bool) -> "Leg":
    """The request on its way. Raises CallError, VerbError (refused), and tells what is lost either way."""
    from dragoman.dialects.pairs import told
    from dragoman.dialects.registry import DIALECTS
    from dragoman.relay.call import make_id
    from dragoman.relay.legs import Asked, Leg

    pair, envelope = pairing.call(pair, body, model, stream)
    losses = told(envelope, pair.client, pair.speaker, pair.target, pair.seal_key)[1].losses
    if losses:
        pairing.say(pairing.listed(losses))
    if strict:
        pairing.judge(loss.kind.value for loss in losses)
    return Leg(Asked(envelope, pair.client, "", pair.seal_key, make_id, strict=strict), pair.target, DIALECTS)


def _tell(pair: pairing.Pair, leg: "Leg") -> None:
    from dragoman.providers.masking import masked, masked_url

    out = leg.outgoing()
    pairing.say(f"{pair.about(leg.lane)}\n{out.method} {masked_url(out.url)}")
    for name, value in masked(out.headers).items():
        pairing.say(f"{name}: {value}")


def write(body: bytes, *, pretty: bool, stream: bool = False) -> None:
    """To stdout: a stream as it is; JSON as it is or for people, and a line ends after it."""
    from dragoman.wire import json

    if pretty and not stream:
        body = json.pretty(body)
    sys.stdout.buffer.write(body if stream or body.endswith(b"\n") else body + b"\n")
    sys.stdout.flush()
