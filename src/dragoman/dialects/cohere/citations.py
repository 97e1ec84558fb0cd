"""Citations of an answer: which words rest on which documents or results of tools.

Rule: a source that names a web page is a citation that other dialects can tell; any other is only Cohere's to tell.
"""

from collections.abc import Iterator
from typing import Any

from dragoman.core.events import Citation
from dragoman.wire import json

TEXT = "TEXT_CONTENT"
"""The type of those that cite the text of an answer; its thinking and its plan may be cited, too."""


def block_of(note: dict[str, Any]) -> int | None:
    """Which block of the content is cited, None where it is not said; -1 for what is no text."""
    if note.get("type", TEXT) != TEXT:
        return -1
    index = note.get("content_index")
    return index if isinstance(index, int) and not isinstance(index, bool) else None


def citations(note: dict[str, Any], place: int) -> Iterator[Citation]:
    """One for each source. `place`: of the note among all of the answer."""
    sources = note.get("sources")
    start, end = (note[name] if isinstance(note.get(name), int) else None for name in ("start", "end"))
    at, raw = f"/message/citations/{place}", json.raw(note)
    if not isinstance(sources, list) or not sources:
        yield Citation(raw=raw, start=start, end=end, at=at)
        return
    for number, source in enumerate(sources):
        url, title = _page(source)
        yield Citation(raw=raw, url=url, title=title, start=start, end=end, at=f"{at}/sources/{number}")


def _page(source: Any) -> tuple[str | None, str | None]:
    """(URL, title) of a web page; (None, None) for anything else."""
    if not isinstance(source, dict):
        return None, None
    told: dict[str, Any] = next((source[name] for name in ("document", "tool_output") if isinstance(source.get(name), dict)), {})
    url = next((value for value in (told.get("url"), source.get("id")) if _is_web(value)), None)
    title = told.get("title") if url is not None else None
    return url, title if isinstance(title, str) else None


def _is_web(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))
