"""A Messages request to the canonical form.

Rule: parse by popping. What is not taken stays in `extras`, with its exact bytes, at every level; a member whose form we do
not know is not taken at all.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Raw, Struct
from msgspec.structs import replace

from dragoman.core.errors import bad_request
from dragoman.core.loss import LossKind
from dragoman.core.parts import Extras, Opaque, Text
from dragoman.core.request import (
    Envelope,
    Headers,
    Message,
    ReasoningAsk,
    Request,
    ResponseFormat,
    Role,
    Tool,
    ToolChoice,
)
from dragoman.dialects import billing
from dragoman.dialects.anthropic.parse_content import ID, Blocks, cache_mark
from dragoman.dialects.anthropic.weights import REQUEST, WHYS
from dragoman.dialects.base import OpenSeal
from dragoman.wire import json
from dragoman.wire.json import Members, name_of

_ROLES: Final[dict[str, Role]] = {"user": "user", "assistant": "assistant", "system": "system"}
_MODES: Final = {"disabled": "off", "enabled": "on", "adaptive": "adaptive", "between_tools": "between_tools"}
_SESSION = "x-claude-code-session-id"
PATHS: Final = {
    "max_output_tokens": "/max_tokens",
    "stop": "/stop_sequences",
    "user": "/metadata/user_id",
    "parallel_tools": "/tool_choice/disable_parallel_tool_use",
    "response_format": "/output_config/format",
    "reasoning": "/thinking",
    "effort": "/output_config/effort",
    "summary": "/thinking/display",
}
EFFORT_PATHS: Final = {**PATHS, "reasoning": "/output_config/effort"}
"""Where thinking is asked for by its effort alone."""


class _Peeked(Struct):
    model: str | None = None
    stream: bool | None = None
    metadata: Raw = Raw()
    thread: Raw = Raw()


class _Thread(Struct):
    previous_message_id: str | None = None


def peek(method: str, path: str, query: str, headers: Headers, body: bytes) -> Envelope:
    """What is known of a call without parsing it: a pass over the bytes that builds nothing."""
    try:
        found = json.decode(body, _Peeked)
    except json.JSONError:
        found = _complain(body)
    session = next((value for name, value in headers if name == _SESSION), None)
    return Envelope(
        dialect=ID,
        operation="count_tokens" if path.endswith("/count_tokens") else "chat",
        model=found.model or None,
        stream=bool(found.stream),
        body=body,
        method=method,
        path=path,
        query=query,
        headers=headers,
        affinity=session or _user(found.metadata),
        pinned=bool(bytes(found.thread)) and not json.is_null(found.thread),
        refers=_continued(found.thread),
    )


def _complain(body: bytes) -> _Peeked:
    """Name the member at fault."""
    members = Members(body)
    return _Peeked(members.take("model", str), members.take("stream", bool))


def _continued(thread: Raw) -> str | None:
    """The id of the message that a thread goes on from."""
    try:
        return json.decode(thread, _Thread).previous_message_id if bytes(thread) else None
    except json.JSONError:
        return None


def _user(metadata: Raw) -> str | None:
    try:
        return json.decode(metadata, dict[str, str]).get("user_id") if bytes(metadata) else None
    except json.JSONError:
        return None


def parse_request(envelope: Envelope, open_seal: OpenSeal) -> Request:
    """Raises CallError (bad_request) that names the member at fault."""
    body = Members(envelope.body)
    blocks = Blocks(open_seal)
    messages = _messages(body, blocks)
    kept: Extras = {}
    reasoning = _thinking(body, kept)
    config = body.take_object("output_config")
    effort, response_format = None, None
    if config is not None:
        effort = config.take("effort", str)
        response_format = _format(config, "format", config_rest := _Kept())
        _keep(kept, "/output_config/", {**config.rest(), **config_rest})
    if response_format is None:
        response_format = _format(body, "output_format", kept)
    metadata = body.take_object("metadata")
    user = metadata.take("user_id", str) if metadata is not None else None
    _keep(kept, "/metadata/", metadata.rest() if metadata is not None else {})
    choice, parallel = _tool_choice(body)
    return Request(
        dialect=ID,
        model=body.take("model", str) or None,
        system=_system(body, blocks, kept),
        messages=messages,
        tools=tuple(_tool(raw, f"/tools/{place}") for place, raw in enumerate(body.take_list("tools") or ())),
        tool_choice=choice,
        parallel_tools=parallel,
        max_output_tokens=body.take("max_tokens", int),
        temperature=body.take("temperature", int | float),  # type: ignore[arg-type]
        top_p=body.take("top_p", int | float),  # type: ignore[arg-type]
        top_k=body.take("top_k", int),
        stop=_stop(body),
        response_format=response_format,
        reasoning=_with_effort(reasoning, effort),
        user=user,
        service_tier=body.take("service_tier", str),
        stream=body.take("stream", bool) or False,
        extras={**body.rest(), **kept},
        paths=PATHS if reasoning is not None else EFFORT_PATHS,
        weights=_weights(body),
        whys=WHYS,
    )


def _weights(body: Members) -> Mapping[str, LossKind | None]:
    """`context_management` matters only where it clears something: Claude Code asks for all thoughts to be kept (2026-11)."""
    asked = body.look("context_management")
    told = None if asked is None else json.decode(asked)
    edits = told.get("edits") if isinstance(told, dict) and told.keys() <= {"edits"} else None
    if not isinstance(edits, list) or not all(isinstance(edit, dict) and edit.get("keep") == "all" for edit in edits):
        return REQUEST
    return {**REQUEST, "context_management": None}


_Kept = dict[str, Raw]


def _keep(kept: Extras, parent: str, members: Extras) -> None:
    kept.update({parent + json.escape(name): value for name, value in members.items()})


def _messages(body: Members, blocks: Blocks) -> tuple[Message, ...]:
    raw = body.take_raw("messages")
    if raw is None:
        raise bad_request("messages: Field required", "messages")
    if not json.is_array(raw):
        raise bad_request("messages: Input should be a valid list", "messages")
    return tuple(_message(Members(item, f"/messages/{place}"), blocks) for place, item in enumerate(json.items(raw)))


def _message(message: Members, blocks: Blocks) -> Message:
    word = message.need("role", str)
    role = _ROLES.get(word)
    if role is None:
        where = name_of(message.at)
        raise bad_request(f'{where}: Unexpected role "{word}". Allowed roles are "user", "assistant" and "system".', where)
    content = message.take_raw("content")
    if content is None and role != "system":
        where = name_of(message.path("content"))
        raise bad_request(f"{where}: Field required", where)
    parts = blocks.content(content, message.path("content"))
    return Message(role, parts, message.rest(), message.at)


def _system(body: Members, blocks: Blocks, kept: Extras) -> tuple[Text | Opaque, ...]:
    """The instructions for a model. A piece with an attribution line in it is kept whole, by its pointer."""
    raw = body.take_raw("system")
    pieces: list[Text | Opaque] = []
    for place, part in enumerate(blocks.content(raw, "/system")):
        if not isinstance(part, Text | Opaque):
            where = name_of(part.at)
            raise bad_request(f"{where}: only text can stand in a system prompt", where)
        words = billing.without(part.text) if isinstance(part, Text) else None
        if words is None or raw is None or not isinstance(part, Text):
            pieces.append(part)
            continue
        kept[part.at] = raw if part.at == "/system" else json.items(raw)[place]
        if words.strip():
            pieces.append(replace(part, text=words))
    return tuple(pieces)


def _tool(raw: Raw, at: str) -> Tool | Opaque:
    tool = Members(raw, at)
    kind = tool.take("type", str)
    if kind not in (None, "custom"):
        return Opaque(dialect=ID, kind=kind or "", raw=raw, at=at)
    return Tool(
        name=tool.need("name", str),
        description=tool.take("description", str),
        schema=tool.take_raw("input_schema"),
        strict=tool.take("strict", bool),
        deferred=tool.take("defer_loading", bool) or False,
        cache=cache_mark(tool),
        extras=tool.rest(),
        at=at,
    )


def _tool_choice(body: Members) -> tuple[ToolChoice | None, bool | None]:
    choice = body.take_object("tool_choice")
    if choice is None:
        return None, None
    kind, name = choice.need("type", str), choice.take("name", str)
    one = choice.take("disable_parallel_tool_use", bool)
    parallel = None if one is None else not one
    at = choice.at
    match kind:
        case "auto" | "any" | "none":
            return ToolChoice(mode=kind, extras=choice.rest(), at=at), parallel
        case "tool":
            if name is None:
                raise bad_request("tool_choice.tool.name: Field required", "tool_choice.name")
            return ToolChoice(mode="tool", name=name, extras=choice.rest(), at=at), parallel
        case _:
            words = "'auto', 'any', 'tool' or 'none'"
            raise bad_request(f"tool_choice.type: Input should be {words}", "tool_choice.type")


def _stop(body: Members) -> tuple[str, ...] | None:
    found = body.take("stop_sequences", list)
    if found is None:
        return None
    if not all(isinstance(item, str) for item in found):
        raise bad_request("stop_sequences: Input should be a list of strings", "stop_sequences")
    return tuple(found)


def _thinking(body: Members, kept: Extras) -> ReasoningAsk | None:
    raw = body.take_raw("thinking")
    if raw is None:
        return None
    thinking = Members(raw, "/thinking")
    mode = _MODES.get(thinking.take("type", str) or "")
    if mode is None:
        kept["thinking"] = raw
        return None
    return ReasoningAsk(
        mode=mode,  # type: ignore[arg-type]
        budget=thinking.take("budget_tokens", int),
        summary=thinking.take("display", str),
        extras=thinking.rest(),
        at="/thinking",
    )


def _with_effort(ask: ReasoningAsk | None, effort: str | None) -> ReasoningAsk | None:
    if effort is None:
        return ask
    if ask is None:
        return ReasoningAsk(effort=effort, at="/output_config/effort")
    return ReasoningAsk(mode=ask.mode, effort=effort, budget=ask.budget, summary=ask.summary, extras=ask.extras, at=ask.at)


def _format(parent: Members, name: str, kept: Extras) -> ResponseFormat | None:
    """A JSON schema for the answer; `output_format` at top level is how older clients wrote it."""
    raw = parent.take_raw(name)
    if raw is None:
        return None
    found = Members(raw, parent.path(name))
    if found.take("type", str) != "json_schema" or not found.has("schema"):
        kept[name] = raw
        return None
    return ResponseFormat(kind="schema", schema=found.take_raw("schema"), extras=found.rest(), at=found.at)
