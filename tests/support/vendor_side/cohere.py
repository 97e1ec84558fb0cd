"""Cohere's chat API v2 (its OpenAPI document, 2026-08): what it reads in a request, and how it answers."""

import json
from collections.abc import Iterator
from typing import Any

from msgspec import Raw

from dragoman.core.events import Event, Finished, PartClosed, PartDelta, PartOpened, Started, Usage, fold
from dragoman.core.parts import Media, Part, Reasoning, Text, ToolCall, ToolResult
from dragoman.core.request import Message, ReasoningAsk, Request, ResponseFormat, Tool, ToolChoice

_REASONS = {"length": "MAX_TOKENS", "context": "MAX_TOKENS", "tool": "TOOL_CALL", "stop_sequence": "STOP_SEQUENCE"}
_MEMBERS = {
    **{name: name for name in ("temperature", "seed", "frequency_penalty", "presence_penalty", "logprobs")},
    **{"max_tokens": "max_output_tokens", "p": "top_p", "k": "top_k"},
}


def parse(body: bytes) -> Request:
    told = json.loads(body)
    strict = told.get("strict_tools")
    return Request(
        dialect="cohere",
        model=told["model"],
        messages=tuple(_message(message, f"/messages/{place}") for place, message in enumerate(told["messages"])),
        tools=tuple(_tool(tool, strict, f"/tools/{place}") for place, tool in enumerate(told.get("tools", []))),
        tool_choice=_choice(told.get("tool_choice")),
        stop=tuple(told["stop_sequences"]) if "stop_sequences" in told else None,
        response_format=_format(told.get("response_format")),
        reasoning=_think(told.get("thinking")),
        stream=told.get("stream", False),
        **{member: told[name] for name, member in _MEMBERS.items() if name in told},
    )


def answer(events: list[Event], *, stream: bool) -> bytes:
    return b"".join(_stream(events)) if stream else _whole(fold(events))


def _message(told: dict[str, Any], at: str) -> Message:
    if told["role"] == "tool":
        text = Text(told["content"], at=f"{at}/content")
        return Message("tool", (ToolResult(id=told["tool_call_id"], parts=(text,), at=at),), at=at)
    parts: list[Part] = []
    if "tool_plan" in told:
        parts.append(Reasoning(text=told["tool_plan"], at=f"{at}/tool_plan"))
    content = told.get("content", [])
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    parts += [_block(block, f"{at}/content/{place}") for place, block in enumerate(blocks)]
    for place, call in enumerate(told.get("tool_calls", [])):
        inner, where = call["function"], f"{at}/tool_calls/{place}"
        assert isinstance(json.loads(inner["arguments"]), dict)
        parts.append(ToolCall(id=call["id"], name=inner["name"], arguments=inner["arguments"], at=where))
    return Message(told["role"], tuple(parts), at=at)


def _block(told: dict[str, Any], at: str) -> Part:
    match told["type"]:
        case "text":
            return Text(told["text"], at=at)
        case "thinking":
            return Reasoning(text=told["thinking"], at=at)
        case _:
            url = told["image_url"]["url"]
            head, _, data = url.partition(";base64,")
            inline = url.startswith("data:")
            mime = head.removeprefix("data:") if inline else None
            return Media(kind="image", mime=mime, data=data if inline else None, url=None if inline else url, at=at)


def _tool(told: dict[str, Any], strict: bool | None, at: str) -> Tool:
    function = told["function"]
    schema = Raw(json.dumps(function["parameters"]).encode())
    return Tool(name=function["name"], description=function.get("description"), schema=schema, strict=strict, at=at)


def _choice(word: str | None) -> ToolChoice | None:
    return None if word is None else ToolChoice(mode="none" if word == "NONE" else "any", at="/tool_choice")


def _format(told: dict[str, Any] | None) -> ResponseFormat | None:
    if told is None or told["type"] == "text":
        return None
    if "json_schema" not in told:
        return ResponseFormat(kind="json", at="/response_format")
    return ResponseFormat(kind="schema", schema=Raw(json.dumps(told["json_schema"]).encode()), at="/response_format")


def _think(told: dict[str, Any] | None) -> ReasoningAsk | None:
    if told is None:
        return None
    return ReasoningAsk(mode="on" if told["type"] == "enabled" else "off", budget=told.get("token_budget"), at="/thinking")


def _whole(events: list[Event]) -> bytes:
    texts = {event.index: event.text for event in events if isinstance(event, PartDelta)}
    content, calls, plan = [], [], {}
    for event in events:
        if isinstance(event, PartOpened) and event.kind == "tool":
            function = {"name": event.name, "arguments": texts.get(event.index, "")}
            calls.append({"id": event.id, "type": "function", "function": function})
        elif isinstance(event, PartOpened) and event.at == "/message/tool_plan":
            plan = {"tool_plan": texts[event.index]}
        elif isinstance(event, PartOpened):
            name = "thinking" if event.kind == "reasoning" else "text"
            content.append({"type": name, name: texts.get(event.index, "")})
    said = {**({"content": content} if content else {}), **plan, **({"tool_calls": calls} if calls else {})}
    message = {"role": "assistant", **said}
    return json.dumps({"id": _id(events), "message": message, **_ending(events)}, ensure_ascii=False).encode()


def _stream(events: list[Event]) -> Iterator[bytes]:
    yield _event({"type": "message-start", "id": _id(events), "delta": {"message": {"role": "assistant", "content": []}}})
    opened: dict[int, PartOpened] = {}
    places: dict[int, int] = {}
    for event in events:
        if isinstance(event, PartOpened):
            opened[event.index] = event
            places[event.index] = sum((other.kind == "tool") == (event.kind == "tool") for other in opened.values()) - 1
            yield _event({**_opening(event), "index": places[event.index]})
        elif isinstance(event, PartDelta):
            yield _event({**_delta(opened[event.index], event.text), "index": places[event.index]})
        elif isinstance(event, PartClosed):
            kind = "tool-call-end" if opened[event.index].kind == "tool" else "content-end"
            yield _event({"type": kind, "index": places[event.index]})
    yield _event({"type": "message-end", "delta": _ending(events)})
    yield b"data: [DONE]\n\n"


def _opening(event: PartOpened) -> dict[str, Any]:
    if event.kind == "tool":
        call = {"id": event.id, "type": "function", "function": {"name": event.name, "arguments": ""}}
        return {"type": "tool-call-start", "delta": {"message": {"tool_calls": call}}}
    name = "thinking" if event.kind == "reasoning" else "text"
    return {"type": "content-start", "delta": {"message": {"content": {"type": name, name: ""}}}}


def _delta(opened: PartOpened, text: str) -> dict[str, Any]:
    if opened.kind == "tool":
        return {"type": "tool-call-delta", "delta": {"message": {"tool_calls": {"function": {"arguments": text}}}}}
    name = "thinking" if opened.kind == "reasoning" else "text"
    return {"type": "content-delta", "delta": {"message": {"content": {name: text}}}}


def _id(events: list[Event]) -> str:
    return next((event.id for event in events if isinstance(event, Started)), None) or "a"


def _ending(events: list[Event]) -> dict[str, Any]:
    end = events[-1]
    assert isinstance(end, Finished)
    return {"finish_reason": _REASONS.get(end.reason, "COMPLETE"), **({} if end.usage is None else {"usage": _usage(end.usage)})}


def _usage(told: Usage) -> dict[str, Any]:
    tokens = {"input_tokens": told.input, "output_tokens": told.output, "reasoning_tokens": told.reasoning}
    return {"tokens": tokens, "cached_tokens": told.cache_read}


def _event(told: dict[str, Any]) -> bytes:
    return f"event: {told['type']}\ndata: {json.dumps(told, ensure_ascii=False)}\n\n".encode()
