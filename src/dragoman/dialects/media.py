"""Data URLs (RFC 2397), and what the first bytes of a file or the end of its URL tell about it."""

import base64
import binascii

PIECES = "/source/content"
"""The extra that holds a document in pieces, as Anthropic has it: elsewhere it is told by its words."""
_MAGIC = (
    ("iVBORw0KGgo", "image/png"),
    ("/9j/", "image/jpeg"),
    ("R0lGOD", "image/gif"),
    ("JVBERi", "application/pdf"),
)

_ENDINGS = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
    "heic": "image/heic", "heif": "image/heif", "pdf": "application/pdf", "txt": "text/plain", "md": "text/markdown",
    "html": "text/html", "htm": "text/html", "csv": "text/csv", "json": "application/json", "xml": "application/xml",
    "mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg", "m4a": "audio/mp4", "aac": "audio/aac",
    "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "mpeg": "video/mpeg", "avi": "video/x-msvideo",
}  # fmt: skip


def split_data_url(url: str) -> tuple[str | None, str] | None:
    """(media type, base64 data) of a data URL; None for any other URL. Parameters (`;charset=`) are tolerated.

    A data URL that is not base64 is percent-encoded text; it is given back in base64 too.
    """
    if url[:5].lower() != "data:":
        return None
    head, comma, data = url[5:].partition(",")
    if not comma:
        return None
    mime, *parameters = head.split(";")
    if any(parameter.strip().lower() == "base64" for parameter in parameters):
        return mime.strip() or None, data
    from urllib.parse import unquote_to_bytes

    return mime.strip() or "text/plain", base64.b64encode(unquote_to_bytes(data)).decode()


def data_url(mime: str, data: str) -> str:
    return f"data:{mime};base64,{data}"


def mime_of_url(url: str) -> str | None:
    """The media type that the ending of a URL's path tells; None where it tells none."""
    path = url.partition("#")[0].partition("?")[0]
    return _ENDINGS.get(path.rpartition("/")[2].rpartition(".")[2].lower()) if "." in path.rpartition("/")[2] else None


def sniff(data: str) -> str | None:
    """The media type that the first bytes of base64 `data` tell; None where they tell none."""
    for magic, mime in _MAGIC:
        if data.startswith(magic):
            return mime
    if data.startswith("UklGR"):
        try:
            head = base64.b64decode(data[:16])
        except binascii.Error:
            return None
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    return None


def as_text(data: str) -> str | None:
    """Base64 of UTF-8 text as that text; None for anything else."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
