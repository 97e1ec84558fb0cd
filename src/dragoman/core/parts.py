"""Pieces of content. `at` is the JSON Pointer into the client's request, where a loss of the piece is told.

`extras` are members that only the source dialect can say, exact bytes; a name that begins with `/` is a JSON Pointer to one
that stood deeper. `cache` marks a prompt-cache breakpoint after the piece.
"""

from typing import Literal, TypeAlias

from msgspec import Raw, Struct

Extras: TypeAlias = dict[str, Raw]


class CacheMark(Struct, frozen=True):
    """A prompt-cache breakpoint. `ttl` as the source writes it ("5m", "1h", "30m", "12h"), None for its default."""

    ttl: str | None = None
    extras: Extras = {}
    at: str = ""


class Text(Struct, frozen=True, tag="text"):
    text: str
    cache: CacheMark | None = None
    extras: Extras = {}
    at: str = ""


class Media(Struct, frozen=True, tag="media", kw_only=True):
    """An image, document, sound or video. Exactly one of `data` (base64), `url`, `file_id`, `text` is set.

    `mime` is None where the source does not tell. `name`: file name or title. `detail`: OpenAI's image detail.
    """

    kind: Literal["image", "document", "audio", "video", "file"]
    mime: str | None = None
    data: str | None = None
    url: str | None = None
    file_id: str | None = None
    text: str | None = None
    name: str | None = None
    detail: str | None = None
    cache: CacheMark | None = None
    extras: Extras = {}
    at: str = ""


class Reasoning(Struct, frozen=True, tag="reasoning", kw_only=True):
    """Thinking. `proof`: the maker's signature or ciphertext, verbatim; "" where the maker gave none; None where unknown.

    `proof_from`: the origin the proof is valid at, `dialect` alone (native, unsealed) or `dialect:account` (out of a seal).
    `redacted`: the proof is the whole content (Anthropic redacted_thinking, OpenAI encrypted reasoning without a summary).
    `slot`: which of the source dialect's places it stood in, for that dialect's own builder.
    """

    text: str = ""
    proof: str | None = None
    proof_from: str | None = None
    redacted: bool = False
    slot: str | None = None
    extras: Extras = {}
    at: str = ""


class ToolCall(Struct, frozen=True, tag="tool_call", kw_only=True):
    """`arguments`: JSON text exactly as the model wrote it ("" where it wrote none); free text if `custom`."""

    id: str
    name: str
    arguments: str = ""
    custom: bool = False
    cache: CacheMark | None = None
    extras: Extras = {}
    at: str = ""


class Refusal(Struct, frozen=True, tag="refusal"):
    text: str
    extras: Extras = {}
    at: str = ""


class Opaque(Struct, frozen=True, tag="opaque", kw_only=True):
    """A piece only its own dialect can say, exact bytes. `kind`: its type there (`server_tool_use`, `web_search_20250305`).

    `summary`: the words of a compaction, which stand for all of the conversation before it.
    """

    dialect: str
    kind: str
    raw: Raw
    at: str = ""
    summary: str | None = None


class ToolResult(Struct, frozen=True, tag="tool_result", kw_only=True):
    """What a tool answered. `id`: of the call it answers. `is_error` None where the source cannot tell or did not."""

    id: str
    parts: tuple[Text | Media | Opaque, ...] = ()
    is_error: bool | None = None
    name: str | None = None
    cache: CacheMark | None = None
    extras: Extras = {}
    at: str = ""


Part: TypeAlias = Text | Media | Reasoning | ToolCall | ToolResult | Refusal | Opaque
