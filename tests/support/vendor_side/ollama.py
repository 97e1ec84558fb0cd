"""Ollama (docs/api.md and api/types.go, 2026-08): what it reads in a chat request, and the lines it answers with."""

import json
from collections.abc import Iterator
from typing import Any

from msgspec import Raw

from dragoman.core.events import Event, Finished, PartDelta, PartOpened, Started, fold
from dragoman.core.parts import Media, Part, Reasoning, Text, ToolCall, ToolResult
from dragoman.core.request import Message, ReasoningAsk, Request, ResponseFormat, Tool
from dragoman.dialects.media import sniff
from dragoman.wire.json import encode, items, members

_DONE = {"length": "length", "context": "length"}
_OPTIONS = {
    **{name: name for name in ("temperature", "top_k", "top_p", "seed", "presence_penalty", "frequency_penalty")},
    "num_predict": "max_output_tokens",
}


def parse(body: bytes) -> Request:
    told = json.loads(body)
    options = told.get("options", {})
    turns = [(message, json.loads(bytes(message))) for message in items(members(body)["messages"])]
    return Request(
        dialect="ollama",
        model=told["model"],
        messages=tuple(_message(raw, message, f"/messages/{place}") for place, (raw, message) in enumerate(turns)),
        tools=tuple(_tool(tool, f"/tools/{place}") for place, tool in enumerate(told.get("tools", []))),
        stop=tuple(options["stop"]) if "stop" in options else None,
        logprobs=told.get("logprobs"),
        top_logprobs=told.get("top_logprobs"),
        response_format=_format(told.get("format")),
        reasoning=_think(told["think"]) if "think" in told else None,
        stream=told.get("stream", True),
        **{member: options[name] for name, member in _OPTIONS.items() if name in options},
    )


def answer(events: list[Event], *, stream: bool) -> bytes:
    model = next((event.model for event in events if isinstance(event, Started)), None) or "m"
    pieces = list(_pieces(events if stream else fold(events)))
    if stream:
        lines = [{"model": model, "message": {"role": "assistant", "content": "", **piece}, "done": False} for piece in pieces]
        lines.append({"model": model, "message": {"role": "assistant", "content": ""}, **_ending(events)})
    else:
        said = {name: "".join(piece.get(name, "") for piece in pieces) for name in ("content", "thinking")}
        calls = [call for piece in pieces for call in piece.get("tool_calls", [])]
        more = {**({"thinking": said["thinking"]} if said["thinking"] else {}), **({"tool_calls": calls} if calls else {})}
        lines = [{"model": model, "message": {"role": "assistant", "content": said["content"], **more}, **_ending(events)}]
    return b"".join(encode(line) + b"\n" for line in lines)


def _message(raw: Raw, told: dict[str, Any], at: str) -> Message:
    if told["role"] == "tool":
        text = Text(told["content"], at=f"{at}/content")
        return Message("tool", (ToolResult(id=told["tool_call_id"], name=told.get("tool_name"), parts=(text,), at=at),), at=at)
    parts: list[Part] = []
    if told.get("thinking"):
        parts.append(Reasoning(text=told["thinking"], at=f"{at}/thinking"))
    if told.get("content"):
        parts.append(Text(told["content"], at=f"{at}/content"))
    for place, image in enumerate(told.get("images", [])):
        parts.append(Media(kind="image", mime=sniff(image), data=image, at=f"{at}/images/{place}"))
    calls = members(raw).get("tool_calls")
    for place, call in enumerate(map(members, items(calls)) if calls is not None else ()):
        function = members(call["function"])
        written, name, id_ = (
            bytes(function["arguments"]).decode(),
            json.loads(bytes(function["name"])),
            json.loads(bytes(call["id"])),
        )
        parts.append(ToolCall(id=id_, name=name, arguments=written, at=f"{at}/tool_calls/{place}"))
    return Message(told["role"], tuple(parts), at=at)


def _tool(told: dict[str, Any], at: str) -> Tool:
    function = told["function"]
    schema = Raw(json.dumps(function["parameters"]).encode())
    return Tool(name=function["name"], description=function.get("description"), schema=schema, at=at)


def _format(told: Any) -> ResponseFormat | None:
    if told is None:
        return None
    if told == "json":
        return ResponseFormat(kind="json", at="/format")
    return ResponseFormat(kind="schema", schema=Raw(json.dumps(told).encode()), at="/format")


def _think(told: bool | str) -> ReasoningAsk:
    if isinstance(told, str):
        return ReasoningAsk(effort=told, at="/think")
    return ReasoningAsk(mode="on" if told else "off", at="/think")


def _pieces(events: list[Event]) -> Iterator[dict[str, Any]]:
    """Messages without their role: words as they come, a call whole when it is over."""
    opened = {event.index: event for event in events if isinstance(event, PartOpened)}
    written = {index: "".join(_texts(events, index)) for index in opened}
    for event in events:
        if isinstance(event, PartDelta) and opened[event.index].kind in ("text", "reasoning"):
            yield {"thinking" if opened[event.index].kind == "reasoning" else "content": event.text}
        elif isinstance(event, PartOpened) and event.kind == "tool":
            arguments = Raw((written[event.index] or "{}").encode())
            yield {"tool_calls": [{"id": event.id, "function": {"name": event.name, "arguments": arguments}}]}


def _texts(events: list[Event], index: int) -> Iterator[str]:
    yield from (event.text for event in events if isinstance(event, PartDelta) and event.index == index)


def _ending(events: list[Event]) -> dict[str, Any]:
    end = events[-1]
    assert isinstance(end, Finished)
    counts = {} if end.usage is None else {"prompt_eval_count": end.usage.input, "eval_count": end.usage.output}
    return {"done": True, "done_reason": _DONE.get(end.reason, "stop"), **counts}
