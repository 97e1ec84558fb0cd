"""Recorded provider traffic: gzipped JSON Lines, one HTTP exchange a line, a file a wire family; or our own fixtures.

`DRAGOMAN_CORPUS` names the folder. Where it is not set our own few answers stand in. The recordings are other people's:
they are read, and never written into a test, a page or a golden file.
"""

import gzip
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from support.fixtures import answers, requests

FAMILIES = {"anthropic-messages": "anthropic", "openai-chat": "openai-chat"}
"""Wire family of the recordings -> dialect."""
VARIABLE = "DRAGOMAN_CORPUS"


class Exchange(NamedTuple):
    """`request`: the body, None where only the answer was recorded. `answer`: the body as the provider sent it."""

    id: str
    family: str
    dialect: str
    request: bytes | None
    status: int
    stream: bool
    answer: bytes
    headers: tuple[tuple[str, str], ...] = ()


def folder() -> Path | None:
    """Where the recordings are; None where nobody said. A variable that leads nowhere is an error, not an absence."""
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    found = Path(named)
    absent = [family for family in FAMILIES if not (found / f"{family}.jsonl.gz").is_file()]
    assert not absent, f"{VARIABLE}={named}: no {', '.join(f'{family}.jsonl.gz' for family in absent)} there"
    return found


@cache
def exchanges(family: str) -> tuple[Exchange, ...]:
    """All exchanges of the chat endpoint."""
    where = folder()
    return tuple(_recorded(where, family)) if where is not None else tuple(_own(family))


def _recorded(where: Path, family: str) -> Iterator[Exchange]:
    with gzip.open(where / f"{family}.jsonl.gz", "rb") as lines:
        for line in lines:
            row = json.loads(line)
            if row["endpoint"] == "chat":
                yield Exchange(
                    row["id"],
                    family,
                    FAMILIES[family],
                    None if row["request"] is None else _bytes(row["request"]),
                    row["status"],
                    "response_sse" in row,
                    _answer(row),
                    tuple((name.lower(), str(value)) for name, value in (row.get("response_headers") or {}).items()),
                )


def _answer(row: dict[str, Any]) -> bytes:
    for key in ("response_sse", "response_text"):
        if key in row:
            return str(row[key]).encode()
    return _bytes(row["response_json"])


def _own(family: str) -> Iterator[Exchange]:
    dialect = FAMILIES[family]
    for asked in requests():
        if asked.dialect == dialect:
            yield Exchange(str(asked), family, dialect, asked.body, 200, False, b"")
    for answer in answers():
        if answer.dialect == dialect:
            yield Exchange(str(answer), family, dialect, None, 200, answer.stream, answer.data)


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
