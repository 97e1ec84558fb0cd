"""What a text is based on: `groundingMetadata` and `citationMetadata` <-> canonical citations.

Rule: places are counted in bytes of UTF-8 here, in characters there. They are believed only where the words that stand beside
them are found there, for Google counts before it edits.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Raw

from dragoman.core.events import Citation
from dragoman.dialects.gemini.facts import CANDIDATE
from dragoman.wire import json

GROUNDING: Final = CANDIDATE + "groundingMetadata"
CITATIONS: Final = CANDIDATE + "citationMetadata"
_WEB: Final = (("web", "uri"), ("maps", "uri"), ("retrievedContext", "uri"), ("image", "sourceUri"))
"""Where a source tells its address."""


def citations(text: str, extras: Mapping[str, Raw]) -> tuple[Citation, ...]:
    """Those of a text, out of the members of its candidate."""
    found: list[Citation] = []
    data = text.encode("utf-8", "surrogatepass")
    grounding, plain = _object(extras.get(GROUNDING)), _object(extras.get(CITATIONS))
    chunks = _objects(grounding.get("groundingChunks"))
    for place, support in enumerate(_objects(grounding.get("groundingSupports"))):
        segment = support.get("segment")
        start, end = _characters(text, data, segment if isinstance(segment, dict) else {})
        for number in support.get("groundingChunkIndices") or ():
            if isinstance(number, int) and 0 <= number < len(chunks):
                at = f"{GROUNDING}/groundingSupports/{place}"
                found.append(_of_chunk(chunks[number], segment, start, end, at))
    for place, cited in enumerate(_objects(plain.get("citations") or plain.get("citationSources"))):
        start, end = _characters(text, data, cited)
        url, title = _string(cited.get("uri")), _string(cited.get("title"))
        at = f"{CITATIONS}/citations/{place}" if "citations" in plain else CITATIONS
        found.append(Citation(raw=json.raw(cited), url=url, title=title, start=start, end=end, at=at))
    return tuple(found)


def metadata(cited: Sequence[tuple[Citation, str, int]]) -> dict[str, Any]:
    """`groundingMetadata` for citations of web pages: (citation, the text it is of, number of the part)."""
    pages: dict[tuple[str | None, str | None], int] = {}
    supports: dict[tuple[int, int, int], dict[str, Any]] = {}
    for each, text, part in cited:
        page = pages.setdefault((each.url, each.title), len(pages))
        start = 0 if each.start is None else each.start
        end = len(text) if each.end is None else each.end
        support = supports.setdefault(
            (part, start, end), {"segment": _segment(text, part, start, end), "groundingChunkIndices": []}
        )
        if page not in support["groundingChunkIndices"]:
            support["groundingChunkIndices"].append(page)
    chunks = [{"web": {"uri": url, **({} if title is None else {"title": title})}} for url, title in pages]
    return {"groundingChunks": chunks, "groundingSupports": list(supports.values())}


def _segment(text: str, part: int, start: int, end: int) -> dict[str, Any]:
    said = text[start:end]
    begins = len(text[:start].encode("utf-8", "surrogatepass"))
    ends = begins + len(said.encode("utf-8", "surrogatepass"))
    placed: dict[str, Any] = {"partIndex": part} if part else {}
    if begins:
        placed["startIndex"] = begins
    return {**placed, "endIndex": ends, "text": said}


def _of_chunk(chunk: dict[str, Any], segment: Any, start: int | None, end: int | None, at: str) -> Citation:
    url = title = None
    for kind, member in _WEB:
        source = chunk.get(kind)
        if isinstance(source, dict):
            url, title = _string(source.get(member)), _string(source.get("title"))
            break
    return Citation(raw=json.raw({**chunk, "segment": segment}), url=url, title=title, start=start, end=end, at=at)


def _characters(text: str, data: bytes, segment: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """(start, end) in characters; None where all of the text may be meant."""
    begins, ends, words = segment.get("startIndex", 0), segment.get("endIndex"), segment.get("text")
    if isinstance(begins, int) and isinstance(ends, int) and 0 <= begins < ends <= len(data):
        said = data[begins:ends].decode("utf-8", "replace")
        if words is None or said == words:
            start = len(data[:begins].decode("utf-8", "replace"))
            return start, start + len(said)
    if isinstance(words, str) and words and (start := text.find(words)) >= 0:
        return start, start + len(words)
    return None, None


def _object(raw: Raw | None) -> dict[str, Any]:
    found = None if raw is None else json.decode(raw)
    return found if isinstance(found, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return list(_dicts(value)) if isinstance(value, list) else []


def _dicts(value: Iterable[Any]) -> Iterable[dict[str, Any]]:
    return (each if isinstance(each, dict) else {} for each in value)


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
