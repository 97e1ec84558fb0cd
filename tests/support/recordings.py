"""Recorded provider traffic: gzipped JSON Lines, one HTTP exchange a line, a file a wire family; or our own fixtures.

`DRAGOMAN_CORPUS` names the folder of the recordings. They are other people's: they are read, and never written into a test,
a page or a golden file.
"""

import base64
import gzip
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from dragoman.dialects.registry import CLIENTS
from support import aws_frames
from support.fixtures import answers, requests

FAMILIES = {
    "anthropic-messages": "anthropic",
    "gemini": "gemini",
    "openai-responses": "openai-responses",
    "openai-chat": "openai-chat",
    "bedrock-converse": "bedrock",
    "bedrock-invoke-anthropic": "anthropic",
    "ollama": "ollama",
    "cohere": "cohere",
}
"""Wire family of the recordings -> dialect. What clients never ask is read of answers alone."""
FILES = {"bedrock-converse": "bedrock", "bedrock-invoke-anthropic": "bedrock", "ollama": "other", "cohere": "other"}
"""Family -> the file it is in, where that is called otherwise."""
OTHERS = ("gemini-interactions",)
"""Flavours that stand in a family's file and are another wire format."""
_PATHS = {"ollama": "/api/chat", "cohere": "/v2/chat"}
"""Families that the recordings do not tell apart -> the path at which the dialect is spoken."""
_SHORTENED = frozenset({"openai-responses-9c7364a972"})
"""Whoever recorded it cut a picture, and put `...` into its base64: an SDK that decodes it would refuse it."""
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
    files = dict.fromkeys(FILES.get(family, family) for family in FAMILIES)
    absent = [file for file in files if not (found / f"{file}.jsonl.gz").is_file()]
    assert not absent, f"{VARIABLE}={named}: no {', '.join(f'{file}.jsonl.gz' for file in absent)} there"
    return found


@cache
def recorded(family: str) -> tuple[Exchange, ...]:
    """All recorded exchanges of the chat endpoint; none where no recordings are."""
    where = folder()
    return () if where is None else tuple(_recorded(where, family))


def _recorded(where: Path, family: str) -> Iterator[Exchange]:
    dialect = FAMILIES[family]
    with gzip.open(where / f"{FILES.get(family, family)}.jsonl.gz", "rb") as lines:
        for line in lines:
            row = json.loads(line)
            if row["endpoint"] == "chat" and _is_of(row, family) and "prompt" not in (row["request"] or {}):
                yield Exchange(
                    row["id"],
                    family,
                    dialect,
                    None if row["request"] is None or dialect not in CLIENTS else _bytes(row["request"]),
                    row["status"],
                    "response_sse" in row or "response_events" in row,
                    _answer(row),
                    tuple((name.lower(), str(value)) for name, value in (row.get("response_headers") or {}).items()),
                )


def _is_of(row: dict[str, Any], family: str) -> bool:
    if family in _PATHS:
        return bool(row["dialect"] == family and row["url_path"] == _PATHS[family])
    return bool(row["family"] == family and not row["dialect"].startswith(OTHERS))


def _answer(row: dict[str, Any]) -> bytes:
    return _told(row).replace(b"...", b"AAA") if row["id"] in _SHORTENED else _told(row)


def _told(row: dict[str, Any]) -> bytes:
    if "response_events" in row:
        return _of_frames(row)
    for key in ("response_sse", "response_text"):
        if key in row:
            return str(row[key]).encode()
    return _bytes(row["response_json"])


@cache
def own(family: str) -> tuple[Exchange, ...]:
    """Our fixtures, as if they had been recorded; in the first family of their dialect."""
    dialect = FAMILIES[family]
    if family != next(name for name, spoken in FAMILIES.items() if spoken == dialect):
        return ()
    asked = [Exchange(str(each), family, dialect, each.body, 200, False, b"") for each in requests() if each.dialect == dialect]
    told = [each for each in answers() if each.dialect == dialect]
    return (*asked, *(Exchange(str(each), family, dialect, None, 200, each.stream, each.data) for each in told))


def _of_frames(row: dict[str, Any]) -> bytes:
    """Amazon's event stream as it came; where it carries another dialect's events, those, as that dialect streams them."""
    events = [_event(each) for each in row["response_events"]]
    if all(name == "chunk" for name, _ in events):
        inner = [json.loads(base64.b64decode(payload["bytes"])) for _, payload in events]
        return b"".join(b"event: %b\ndata: %b\n\n" % (each["type"].encode(), _bytes(each)) for each in inner)
    if "response_eventstream_b64" in row:
        return base64.b64decode(row["response_eventstream_b64"])
    return b"".join(aws_frames.event(name, _bytes(payload)) for name, payload in events)


def _event(told: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """(name, payload), however the recorder kept them."""
    return (told["event"], told["payload"]) if "payload" in told else next(iter(told.items()))


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
