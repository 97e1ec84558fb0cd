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

from support.fixtures import answers, requests

FAMILIES = {"anthropic-messages": "anthropic", "gemini": "gemini", "openai-chat": "openai-chat"}
"""Wire family of the recordings -> dialect."""
OTHERS = ("gemini-interactions",)
"""Flavours that stand in a family's file and are another wire format."""
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
def recorded(family: str) -> tuple[Exchange, ...]:
    """All recorded exchanges of the chat endpoint; none where no recordings are."""
    where = folder()
    return () if where is None else tuple(_recorded(where, family))


def _recorded(where: Path, family: str) -> Iterator[Exchange]:
    with gzip.open(where / f"{family}.jsonl.gz", "rb") as lines:
        for line in lines:
            row = json.loads(line)
            if row["endpoint"] == "chat" and not row["dialect"].startswith(OTHERS):
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


@cache
def own(family: str) -> tuple[Exchange, ...]:
    """Our fixtures, as if they had been recorded."""
    dialect = FAMILIES[family]
    asked = [Exchange(str(each), family, dialect, each.body, 200, False, b"") for each in requests() if each.dialect == dialect]
    told = [each for each in answers() if each.dialect == dialect]
    return (*asked, *(Exchange(str(each), family, dialect, None, 200, each.stream, each.data) for each in told))


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
