"""An Anthropic Messages request, read as the vendor reads it: refused in its words where it would be (2026-11)."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from dragoman.sandbox.anthropic_rules import (
    BLOCKS,
    KNOWN,
    RANGES,
    REQUIRED,
    SOURCES,
    TYPES,
    VERSIONS,
    bad,
    check_base64,
    check_schema,
    check_turns,
)
from dragoman.sandbox.anthropic_tools import read_choice, read_tools
from dragoman.sandbox.mind import Ask, Tool
from dragoman.sandbox.reply import Heard, Incoming
from dragoman.sandbox.task import task_in
from dragoman.wire import json

MAX_BREAKPOINTS = 4
IMAGE_TOKENS, DOCUMENT_TOKENS = 300, 1500


class Turn(Struct):
    """Consecutive messages of one role, merged as the vendor does. `blocks`: (place, block). `first`: its first message."""

    role: str
    first: int
    blocks: list[tuple[str, dict[str, Any]]]


def read(call: Incoming, *, strict: bool, counting: bool) -> Heard:
    """The request, checked. `counting`: for count_tokens, which needs no max_tokens."""
    version = call.headers.get("anthropic-version")
    if not version:
        bad("anthropic-version: header is required")
    if version not in VERSIONS:
        bad(f'anthropic-version: "{version}" is not a valid version')
    body = _body(call.body)
    _members(body, version, strict, counting)
    turns = list(_turns(body["messages"], version))
    check_turns(turns)
    _thinking(body, turns)
    tools = read_tools(body)
    choice = read_choice(body)
    _breakpoints(body)
    return Heard(
        model=body["model"],
        stream=body.get("stream") is True,
        ask=_ask(body, turns, tools, choice),
        show_thinking=(body.get("thinking") or {}).get("display") != "omitted",
    )


def _body(data: bytes) -> dict[str, Any]:
    try:
        found = json.decode(data)
    except json.JSONError as error:
        bad(f"The request body is not valid JSON: {error}")
    if not isinstance(found, dict):
        bad("Input should be a valid dictionary")
    return {name: value for name, value in found.items() if value is not None}


def _members(body: dict[str, Any], version: str, strict: bool, counting: bool) -> None:
    if "thread" in body:
        bad(
            "thread: not supported by this model",
            {"error_code": "thread_unsupported_request", "unsupported": ["thread"]},
        )
    for name in REQUIRED:
        if name not in body and not (counting and name == "max_tokens"):
            bad(f"{name}: Field required")
    for name, (types, words) in TYPES.items():
        value = body.get(name)
        if value is not None and (not isinstance(value, types) or (isinstance(value, bool) and bool not in types)):
            bad(f"{name}: Input should be {words}")
    for name, (low, high) in RANGES.items():
        if name in body and not low <= body[name] <= high:
            bad(f"{name}: range: {low}..{high}")
    if version >= "2026-10-21":
        for name in ("temperature", "top_p", "top_k"):
            if name in body:
                bad(f"{name}: not supported with anthropic-version {version}")
    if not counting and body["max_tokens"] < 0:
        bad("max_tokens: Input should be greater than or equal to 0")
    if any(not isinstance(stop, str) or not stop.strip() for stop in body.get("stop_sequences", ())):
        bad("stop_sequences: each stop sequence must contain non-whitespace")
    if strict:
        for name in body:
            if name not in KNOWN:
                bad(f"{name}: Extra inputs are not permitted")


def _turns(messages: list[Any], version: str) -> Iterator[Turn]:
    if not messages:
        bad("messages: at least one message is required")
    turn: Turn | None = None
    for at, message in enumerate(messages):
        if not isinstance(message, dict):
            bad(f"messages.{at}: Input should be a valid dictionary")
        role = message.get("role")
        if role is None:
            bad(f"messages.{at}.role: Field required")
        if role not in ("user", "assistant", "system"):
            bad(f"messages.{at}.role: Input should be 'user', 'assistant' or 'system'")
        blocks = list(_blocks(message, at, role, version, last=at == len(messages) - 1))
        if turn is not None and turn.role == role:
            turn.blocks += blocks
            continue
        if turn is not None:
            yield turn
        turn = Turn(role, at, blocks)
    if turn is not None:
        yield turn


def _blocks(message: dict[str, Any], at: int, role: str, version: str, *, last: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    content = message.get("content")
    if content is None:
        bad(f"messages.{at}.content: Field required")
    if not isinstance(content, str | list):
        bad(f"messages.{at}.content: Input should be a valid list")
    if not content and not (last and role == "assistant"):
        bad(f"messages.{at}: all messages must have non-empty content except for the optional final assistant message")
    if isinstance(content, str):
        content = [{"type": "text", "text": content}] if content else []
    for place, block in enumerate(content):
        where = f"messages.{at}.content.{place}"
        _block(block, where, at, role, version)
        yield where, block


def _block(block: Any, where: str, at: int, role: str, version: str) -> None:
    if not isinstance(block, dict):
        bad(f"{where}: Input should be a valid dictionary")
    kind = block.get("type")
    if kind is None:
        bad(f"{where}.type: Field required")
    known = BLOCKS.get(str(kind))
    if known is None:
        tags = ", ".join(f"'{name}'" for name in sorted(BLOCKS))
        bad(f"{where}: Input tag '{kind}' found using 'type' does not match any of the expected tags: {tags}")
    for name, types, words in known.members:
        if block.get(name) is None:
            bad(f"{where}.{kind}.{name}: Field required")
        if not isinstance(block[name], types):
            bad(f"{where}.{kind}.{name}: Input should be {words}")
    if role not in known.roles:
        bad(f"messages.{at}: `{kind}` blocks can only be in {' or '.join(f'`{name}`' for name in known.roles)} messages")
    if kind == "document" and role == "assistant" and version >= "2026-10-21":
        bad(f"messages.{at}: `document` blocks can only be in `user` messages")
    if kind == "text" and not block["text"].strip():
        bad("messages: text content blocks must contain non-whitespace text")
    if kind in ("image", "document"):
        _source(block["source"], f"{where}.{kind}.source", kind)
    if kind == "tool_result" and isinstance(block.get("content"), list):
        for place, inner in enumerate(block["content"]):
            _block(inner, f"{where}.tool_result.content.{place}", at, "tool_result", version)


def _source(source: dict[str, Any], where: str, kind: str) -> None:
    forms = SOURCES[kind]
    form = forms.get(str(source.get("type")))
    if form is None:
        tags = ", ".join(f"'{name}'" for name in sorted(forms))
        bad(f"{where}: Input tag '{source.get('type')}' found using 'type' does not match any of the expected tags: {tags}")
    value_name, media_types = form
    value = source.get(value_name)
    if value is None:
        bad(f"{where}.{source['type']}.{value_name}: Field required")
    if media_types and source.get("media_type") not in media_types:
        words = " or ".join(", ".join(f"'{name}'" for name in media_types).rsplit(", ", 1))
        bad(f"{where}.{source['type']}.media_type: Input should be {words}")
    if source["type"] == "base64" and not check_base64(value):
        bad(f"{where}.base64.data: Invalid base64 data")
    if source["type"] == "url" and not str(value).startswith(("https://", "http://")):
        bad(f"{where}.url.url: Only HTTPS URLs are supported.")


def _thinking(body: dict[str, Any], turns: list[Turn]) -> None:
    thinking = body.get("thinking")
    if thinking is None:
        return
    kind = thinking.get("type")
    if kind not in ("enabled", "disabled", "adaptive", "between_tools"):
        bad(
            f"thinking: Input tag '{kind}' found using 'type' does not match any of the expected tags: "
            "'adaptive', 'between_tools', 'disabled', 'enabled'"
        )
    if kind != "enabled":
        return
    budget = thinking.get("budget_tokens")
    if budget is None:
        bad("thinking.enabled.budget_tokens: Field required")
    if not isinstance(budget, int) or isinstance(budget, bool):
        bad("thinking.enabled.budget_tokens: Input should be a valid integer")
    if budget < 1024:
        bad("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
    if body.get("max_tokens", budget + 1) <= budget:
        bad("`max_tokens` must be greater than `thinking.budget_tokens`.")
    if (body.get("tool_choice") or {}).get("type") in ("any", "tool"):
        bad("Thinking may not be enabled when tool_choice forces tool use.")
    if body.get("temperature", 1) != 1:
        bad("`temperature` may only be set to 1 when thinking is enabled.")
    _opening_thought(turns)


def _opening_thought(turns: list[Turn]) -> None:
    """With a budget, a tool call that is still being answered must come with the thought it began with."""
    if len(turns) < 2 or turns[-1].role == "assistant" or not any(b["type"] == "tool_result" for _, b in turns[-1].blocks):
        return
    called = next((turn for turn in reversed(turns) if turn.role == "assistant"), None)
    if called is None or not called.blocks or called.blocks[0][1]["type"] in ("thinking", "redacted_thinking"):
        return
    place, block = called.blocks[0]
    bad(
        f"{place}.type: Expected `thinking` or `redacted_thinking`, but found `{block['type']}`. When `thinking` is enabled, "
        "a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and "
        "`tool_result` blocks)."
    )


def _breakpoints(body: dict[str, Any]) -> None:
    found = _marks([body.get("system"), body.get("tools"), [m.get("content") for m in body["messages"]]])
    if found > MAX_BREAKPOINTS:
        bad(f"A maximum of {MAX_BREAKPOINTS} blocks with cache_control may be provided. Found {found}.")


def _marks(value: Any) -> int:
    """Blocks with cache_control, wherever blocks can be."""
    if isinstance(value, list):
        return sum(_marks(inner) for inner in value)
    if not isinstance(value, dict):
        return 0
    return (value.get("cache_control") is not None) + _marks(value.get("content"))


def _ask(body: dict[str, Any], turns: list[Turn], tools: tuple[Tool, ...], choice: dict[str, Any]) -> Ask:
    said = [turn for turn in turns if turn.role == "user"]
    last = said[-1].blocks if turns[-1].role != "assistant" and said else []
    results = [block for _, block in last if block["type"] == "tool_result"]
    shown = [block for _, block in last] + [inner for block in results for inner in _inner(block)]
    texts = [block["text"] for _, block in (said[-1].blocks if said else []) if block["type"] == "text"]
    wanted = (body.get("output_config") or {}).get("format") or body.get("output_format")
    if wanted is not None:
        check_schema(wanted)
    thinking = body.get("thinking") or {}
    task, done = task_in(_told(turns))
    return Ask(
        text=texts[-1] if texts else "",
        results=tuple(_result_text(block) for block in results),
        images=sum(block["type"] == "image" for block in shown),
        documents=sum(block["type"] == "document" for block in shown),
        turns=sum(turn.role != "system" for turn in turns),
        tools=tools,
        choice=choice["type"],
        forced=choice.get("name", ""),
        parallel=choice.get("disable_parallel_tool_use") is not True,
        thinking=thinking.get("type") in ("enabled", "adaptive"),
        format=wanted["schema"] if wanted is not None else None,
        task=task,
        done=done,
        stop=tuple(body.get("stop_sequences", ())),
        max_tokens=body.get("max_tokens"),
        input_tokens=_tokens([body.get("system"), body["messages"]]) + len(json.encode(body.get("tools", []))) // 4,
        cache_marked="cache_control" in body or _marks([body.get("system"), body.get("tools"), body["messages"]]) > 0,
    )


def _told(turns: list[Turn]) -> Iterator[str | None]:
    """What the user said and, as None, the results that came."""
    blocks = [block for turn in turns if turn.role == "user" for _, block in turn.blocks]
    return (block["text"] if block["type"] == "text" else None for block in blocks if block["type"] in ("text", "tool_result"))


def _inner(block: dict[str, Any]) -> list[dict[str, Any]]:
    content: Any = block.get("content")
    return list(content) if isinstance(content, list) else []


def _result_text(block: dict[str, Any]) -> str:
    content = block.get("content")
    if isinstance(content, str):
        return content
    return " ".join(inner["text"] for inner in _inner(block) if inner.get("type") == "text")


def _tokens(value: Any) -> int:
    """About four characters of text a token, and a flat price for what is no text."""
    match value:
        case str():
            return len(value) // 4 + 1
        case list():
            return sum(_tokens(inner) for inner in value)
        case {"type": "image"}:
            return IMAGE_TOKENS
        case {"type": "document"}:
            return DOCUMENT_TOKENS
        case {"type": "tool_use", "input": arguments}:
            return len(json.encode(arguments)) // 4 + 1
        case dict():
            return sum(_tokens(value.get(name)) for name in ("content", "text", "thinking"))
        case _:
            return 0
