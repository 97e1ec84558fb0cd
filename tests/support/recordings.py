"""Recorded provider traffic: gzipped JSON Lines, one HTTP exchange a line, a file a wire family; or our own fixtures.

`DRAGOMAN_CORPUS` names the folder of the recordings. They are other people's: they are read, and never written into a test,
a page or a golden file.
"""

import gzip
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from dragoman.dialects.registry import CLIENTS
from support.fixtures import answers, requests

FAMILIES = {"anthropic-messages": "anthropic", "openai-chat": "openai-chat", "ollama": "ollama", "cohere": "cohere"}
"""Wire family of the recordings -> dialect. What clients never ask is read of answers alone."""
_SHARED = {"ollama": "/api/chat", "cohere": "/v2/chat"}
"""Families that stand in one file with others -> the path at which the dialect is spoken."""
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
    absent = sorted({_file(family) for family in FAMILIES if not (found / _file(family)).is_file()})
    assert not absent, f"{VARIABLE}={named}: no {', '.join(absent)} there"
    return found


@cache
def recorded(family: str) -> tuple[Exchange, ...]:
    """All recorded exchanges of the chat endpoint; none where no recordings are."""
    where = folder()
    return () if where is None else tuple(_recorded(where, family))


def _recorded(where: Path, family: str) -> Iterator[Exchange]:
    dialect = FAMILIES[family]
    with gzip.open(where / _file(family), "rb") as lines:
        for line in lines:
            row = json.loads(line)
            if row["endpoint"] == "chat" and (family not in _SHARED or _is_of(row, family)):
                yield Exchange(
                    row["id"],
                    family,
                    dialect,
                    None if row["request"] is None or dialect not in CLIENTS else _bytes(row["request"]),
                    row["status"],
                    "response_sse" in row,
                    _answer(row),
                    tuple((name.lower(), str(value)) for name, value in (row.get("response_headers") or {}).items()),
                )


def _file(family: str) -> str:
    return f"{'other' if family in _SHARED else family}.jsonl.gz"


def _is_of(row: dict[str, Any], family: str) -> bool:
    return bool(row["dialect"] == family and row["url_path"] == _SHARED[family])


def _answer(row: dict[str, Any]) -> bytes:
    for key in ("response_sse", "response_text"):
        if key in row:
            return str(row[key]).encode()
    return _bytes(row["response_json"])


@cache
def own(family: str) -> tuple[Exchange, ...]:
    """Our fixtures, as if they had been recorded."""
    dialect = FAMILIES[family]
    asked = [Exchange(str(each), family, dialect, each.body, 200, False, b"") for each in requests() if each.dialect == dialect]
    told = [each for each in answers() if each.dialect == dialect]
    return (*asked, *(Exchange(str(each), family, dialect, None, 200, each.stream, each.data) for each in told))


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
