"""The generated part of docs/losses.md: what each pair of dialects loses, from each dialect's example and all our fixtures."""

import json
from collections.abc import Iterable, Iterator
from functools import cache

from dragoman.core.loss import Loss
from dragoman.dialects.ledger import RESPONSE
from dragoman.dialects.pairs import EXACT, GRAVEST, Row, counts, nobody, table
from dragoman.dialects.registry import CLIENTS, DIALECTS
from dragoman.wire.pointer import labelled
from support.fixtures import Answer, finished, requests
from support.speech import MODEL, decode_with_losses, encode

GRAVITY = [kind.value for kind in GRAVEST]


@cache
def asked(client: str, target: str) -> tuple[Row, ...]:
    """What a request of dialect `client` loses on its way to a target of another."""
    bodies = [each.body for each in requests() if each.dialect == client]
    return tuple(table(CLIENTS[client], DIALECTS[target], nobody(target, MODEL), bodies))


@cache
def answered(client: str, target: str) -> tuple[Row, ...]:
    """What a whole answer of a target loses on its way to the client; not what is exact."""
    found: dict[tuple[str, str], set[str]] = {}
    for answer in finished():
        if answer.dialect == target and not answer.stream:
            for loss in _losses(answer, client):
                found.setdefault((loss.kind.value, _place(answer, loss)), set()).add(loss.why)
    ordered = sorted(found, key=lambda key: (GRAVITY.index(key[0]), key[1]))
    return tuple(Row(kind, member, tuple(sorted(found[kind, member]))) for kind, member in ordered)


def _losses(answer: Answer, client: str) -> list[Loss]:
    events, read = decode_with_losses(answer.dialect, answer.data, stream=False)
    return [*read, *encode(client, events, stream=False, provider=answer.dialect)[1]]


def _place(answer: Answer, loss: Loss) -> str:
    return RESPONSE + labelled(json.loads(answer.data), loss.path.removeprefix(RESPONSE))


def pairs() -> Iterator[tuple[str, str]]:
    """(client, target), different ones."""
    yield from ((client, target) for client in CLIENTS for target in DIALECTS if client != target)


def page() -> str:
    return "".join([_overview(), *(_section(client, target) for client, target in pairs())])


def _overview() -> str:
    head = f"| client \\ provider | {' | '.join(DIALECTS)} |\n|---|{'---|' * len(DIALECTS)}\n"
    rows = (f"| **{client}** | {' | '.join(_cell(client, target) for target in DIALECTS)} |\n" for client in CLIENTS)
    return f"## In one view\n{_LEGEND}\n{head}{''.join(rows)}"


_LEGEND = """How many members of a request are told exactly · lost as a hint · approximated · dropped · refused. Each cell leads
to its tables.
"""


def _cell(client: str, target: str) -> str:
    if client == target:
        return "copied"
    told = " · ".join(str(count) for count in counts(asked(client, target)).values())
    return f"[{told}](#{client}-to-{target})"


def _section(client: str, target: str) -> str:
    rows = asked(client, target)
    exact = ", ".join(f"`{row.member}`" for row in rows if row.kind == EXACT)
    answers = answered(client, target)
    told = _rows("answer", answers) if answers else "None of our answers loses anything.\n"
    return (
        f"\n## {client} to {target}\n\n### Requests: {client} asks {target}\n\n"
        f"{_rows('request', (row for row in rows if row.kind != EXACT))}\nExact: {exact}.\n"
        f"\n### Answers: {target} answers {client}\n\n{told}"
    )


def _rows(of: str, rows: Iterable[Row]) -> str:
    head = f"| kind | member of the {of} | why |\n|---|---|---|\n"
    told = ((row.kind, row.member, "; ".join(row.whys).replace("|", "\\|")) for row in rows)
    return head + "".join(f"| {kind} | `{member}` | {why} |\n" for kind, member, why in told)
