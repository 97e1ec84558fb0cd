"""What the golden files and the table of losses show: every fixture, told in every dialect."""

import re
from collections.abc import Iterator

from dragoman.core.loss import Loss, LossKind
from dragoman.core.quirks import Quirks
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.asked import inside
from support.blanks import labelled, leaves
from support.fixtures import Answer, Ask, answers, requests
from support.speech import build, decode_with_losses, encode, parse, pretty, quirk_rows

KINDS = (LossKind.REFUSED, LossKind.DROPPED, LossKind.APPROXIMATED, LossKind.HINT)


def request_pages() -> Iterator[tuple[str, str]]:
    """(golden file, text): what a target of each dialect is sent for each request, and what it cannot be told.

    The greatest request also for each row of quirks that the laws are tried with.
    """
    for asked in requests():
        for target in DIALECTS:
            rows = quirk_rows(target) if asked.name == "maximal" else {"": Quirks()}
            for name, quirks in rows.items():
                mark = f".{name}" if name else ""
                yield f"tests/golden/requests/{asked.dialect}/{asked.name}.to-{target}{mark}.txt", _request(asked, target, quirks)


def answer_pages() -> Iterator[tuple[str, str]]:
    """(golden file, text): what a client of each dialect gets for each answer, whole and as a stream.

    Where an answer is there both ways, its stream is shown: the law of folding holds for the other.
    """
    shown = {(answer.dialect, answer.name): answer for answer in sorted(answers(), key=lambda answer: answer.stream)}
    for (dialect, name), answer in sorted(shown.items()):
        for client in CLIENTS:
            yield f"tests/golden/answers/{dialect}/{name}.to-{client}.txt", _answer(answer, client)


def _request(asked: Ask, target: str, quirks: Quirks) -> str:
    request = parse(asked)
    built = build(request, target, quirks)
    head = "".join(f"{name}: {value}\n" for name, value in built.headers)
    return _titled(("headers", head), ("body", pretty(built.body)), ("losses", _losses(built.losses)))


def _answer(answer: Answer, client: str) -> str:
    events, found = decode_with_losses(answer.dialect, answer.data, stream=answer.stream)
    whole, lost_whole = encode(client, events, stream=False, provider=answer.dialect)
    stream, lost_stream = encode(client, events, stream=True, provider=answer.dialect)
    losses = [*found, *lost_whole]
    more = [loss for loss in lost_stream if loss not in losses]
    return _titled(
        ("whole", pretty(whole)),
        ("stream", stream.decode()),
        ("losses", _losses(losses)),
        ("losses of the stream alone", _losses(more)),
    )


def _losses(losses: list[Loss] | tuple[Loss, ...]) -> str:
    return "".join(f"{loss.kind.value:12} {loss.path}  {loss.why}".rstrip() + "\n" for loss in losses)


def _titled(*sections: tuple[str, str]) -> str:
    return "\n".join(f"--- {title} ---\n{text}" for title, text in sections if text)


def loss_table() -> str:
    """docs/losses.md: for each pair what a request can lose, by member, from all our requests."""
    pages = [_HEAD]
    for source in CLIENTS:
        for target in DIALECTS:
            if source != target:
                pages.append(f"\n## {source} to {target}\n\n{_pair(source, target)}")
    return "".join(pages)


_HEAD = """# What a translation loses

Written by `make golden` from what the builders report for the hand-written requests of `tests/fixtures`; a test compares.
The same dialect at both ends loses nothing. A loss is told in `x-dragoman-losses`. See also [fidelity](fidelity.md).

| kind | means |
|---|---|
| refused | the answer would be wrong: the next target is asked, else the call ends with 400 |
| dropped | may change the answer; refused for a strict key or `x-dragoman-strict: true` |
| approximated | the same intent in another form |
| hint | may change cost, latency or caching only |
| exact | nothing is lost |

A target's own quirks (models that refuse sampling, servers without schemas, ...) lose more; these are the losses between the
dialects themselves. A place in a list is told as the type or role of what stands there, else as `*`.
"""


def _pair(source: str, target: str) -> str:
    rows: dict[tuple[int, str], set[str]] = {}
    told: set[str] = set()
    lost: set[str] = set()
    for asked in requests():
        if asked.dialect != source:
            continue
        losses = build(parse(asked), target).losses
        for loss in losses:
            rows.setdefault((KINDS.index(loss.kind), labelled(asked.body, loss.path)), set()).add(loss.why)
        for leaf in leaves(asked.body):
            if leaf.endswith(_TAGS):
                continue
            hit = any(inside(leaf, loss.path) for loss in losses)
            (lost if hit else told).add(_member(labelled(asked.body, leaf)))
    lines = ["| kind | member of the request | why |\n|---|---|---|\n"]
    for rank, member in sorted(rows):
        why = "; ".join(sorted(filter(None, rows[rank, member]))).replace("|", "\\|")
        lines.append(f"| {KINDS[rank].value} | `{member}` | {why} |\n")
    return "".join([*lines, *(f"| exact | `{member}` | |\n" for member in sorted(told - lost))])


def _member(pointer: str) -> str:
    """As much of a pointer as names a member of the dialect: not what stands in a schema, in arguments or in metadata."""
    return _FREE.sub(r"\1", pointer)


_TAGS = ("/type", "/role")
_FREE = re.compile(r"(/(?:input_schema|parameters|schema|input|metadata))/.*")
