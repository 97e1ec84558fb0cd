"""Forms as `multipart/form-data` (RFC 7578; RFC 2046, 5.1): a text field found and replaced. Rule: every other byte stays."""

import re
from collections.abc import Iterator
from typing import Final

MAX_PARTS: Final = 1000
MAX_HEAD: Final = 16 * 1024
"""Bytes of a part's headers."""

_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]{1,70})"|([^\s";,]{1,70}))', re.IGNORECASE)
_DISPOSITION = re.compile(rb"(?:^|\r\n)content-disposition:[ \t]*form-data[ \t]*((?:;[^\r\n]*)?)(?=\r\n|$)", re.IGNORECASE)
_PARAMETER = re.compile(rb';[ \t]*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=("(?:[^"\\]|\\.)*"|[^\s;"]*)')
_PADDING: Final = b" \t"


class FormError(ValueError):
    """It cannot be told where the fields of a form begin and end."""


def is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


def value(content_type: str, body: bytes, name: str) -> str | None:
    """The text field `name`, the last one where there are several; None where there is none. Raises FormError."""
    found = _places(content_type, body, name)
    if not found:
        return None
    try:
        return body[found[-1]].decode()
    except UnicodeDecodeError:
        raise FormError(f"the field {name} is not UTF-8") from None


def replaced(content_type: str, body: bytes, name: str, text: str) -> bytes:
    """The form with `text` in every text field `name`. Raises FormError."""
    pieces, end = [], 0
    for place in _places(content_type, body, name):
        pieces += [body[end : place.start], text.encode()]
        end = place.stop
    return b"".join((*pieces, body[end:]))


def _places(content_type: str, body: bytes, name: str) -> list[slice]:
    """Where the values of the field stand."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise FormError("its content-type names no boundary")
    mark = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    wanted = name.encode()
    return [content for head, content in _parts(body, mark) if _is_text_called(head, wanted)]


def _parts(body: bytes, mark: bytes) -> Iterator[tuple[bytes, slice]]:
    """(headers, where the content stands) of each part."""
    delimiter = b"\r\n" + mark
    start = 0 if body.startswith(mark) else body.find(delimiter) + 2
    if start == 1:
        raise FormError("its boundary does not stand in it")
    for _ in range(MAX_PARTS + 1):
        begin = _after(body, start + len(mark))
        if begin is None:
            return
        blank = body.find(b"\r\n\r\n", begin - 2, begin + MAX_HEAD)
        end = _next(body, delimiter, begin - 2 if blank < 0 else blank + 2)
        if blank < 0 or end < 0:
            raise FormError("one of its parts does not end")
        if end >= blank + 4:
            yield body[begin:blank], slice(blank + 4, end)
        start = end + 2
    raise FormError(f"it has more than {MAX_PARTS} parts")


def _next(body: bytes, delimiter: bytes, place: int) -> int:
    """Where the next delimiter line begins; -1: nowhere. A longer word that begins like it is content, within reason."""
    for _ in range(MAX_PARTS):
        place = body.find(delimiter, place)
        after = place + len(delimiter)
        if place < 0 or body.startswith((b"--", b"\r\n", b" ", b"\t"), after):
            return place
        place = after
    return -1


def _after(body: bytes, place: int) -> int | None:
    """The first byte behind a delimiter line; None where the line ends the form."""
    if body.startswith(b"--", place):
        return None
    end = body.find(b"\r\n", place)
    if end < 0 or body[place:end].strip(_PADDING):
        raise FormError("one of its delimiters is no line of its own")
    return end + 2


def _is_text_called(head: bytes, name: bytes) -> bool:
    found = _DISPOSITION.search(head)
    if found is None:
        return False
    told = {key.lower(): _plain(value) for key, value in _PARAMETER.findall(found[1])}
    return told.get(b"name") == name and not told.keys() & {b"filename", b"filename*"}


def _plain(value: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", value[1:-1]) if value.startswith(b'"') else value
