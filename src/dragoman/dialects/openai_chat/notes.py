"""Annotations of a message: what its text is based on."""

from typing import Any

from dragoman.core.events import Citation
from dragoman.wire import json


def citation(note: dict[str, Any], before: int, at: str) -> Citation:
    """`before`: letters of the message that stand before the text, for its places are counted in the message."""
    page = note.get("url_citation")
    told = page if isinstance(page, dict) else {}
    url, title = (told[name] if isinstance(told.get(name), str) else None for name in ("url", "title"))
    start, end = (_place(told.get(name), before) for name in ("start_index", "end_index"))
    return Citation(raw=json.raw(note), url=url, title=title, start=start, end=end, at=at)


def _place(told: Any, before: int) -> int | None:
    return told - before if isinstance(told, int) and told >= before else None
