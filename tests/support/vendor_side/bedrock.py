"""Amazon Bedrock's Converse (its API reference and botocore 1.44.5, 2026-11)."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw

from dragoman.core.events import Event, Finished, PartClosed, PartDelta, PartOpened, fold
from dragoman.core.parts import Media, Opaque, Part, Reasoning, Text, ToolCall, ToolResult
from dragoman.core.request import Message, ReasoningAsk, Request, ResponseFormat, Tool, ToolChoice
from support import aws_frames
from support.said import exact

_REASONS = {"length": "max_tokens", "context": "model_context_window_exceeded", "tool": "tool_use", "refusal": "content_filtered"}
_MIMES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
}
_MIMES |= {"csv": "text/csv", "html": "text/html", "txt": "text/plain", "md": "text/markdown"}
_MIMES |= {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "mp4": "video/mp4"}
_ROLES: Any = {"user": "user", "assistant": "assistant", "system": "system"}


def parse(body: bytes) -> Request:
    told = json.loads(body)
    raw = exact(body)
    config, tools = told.get("inferenceConfig", {}), told.get("toolConfig", {})
    more, output = told.get("additionalModelRequestFields", {}), told.get("outputConfig", {})
    tags = told.get("requestMetadata")
    return Request(
        dialect="bedrock",
        system=tuple(Text(piece["text"]) for piece in told.get("system", ()) if "text" in piece),
        messages=tuple(
            Message(_ROLES[turn["role"]], tuple(_parts(turn["content"], exact_turn["content"])))
            for turn, exact_turn in zip(told["messages"], raw["messages"], strict=True)
        ),
        tools=tuple(_tools(tools.get("tools", ()), raw.get("toolConfig", {}).get("tools", ()))),
        tool_choice=_choice(tools.get("toolChoice")),
        max_output_tokens=config.get("maxTokens"),
        temperature=config.get("temperature"),
        top_p=config.get("topP"),
        top_k=more.get("top_k"),
        stop=tuple(config["stopSequences"]) if "stopSequences" in config else None,
        metadata=None if tags is None else Raw(json.dumps(tags).encode()),
        service_tier=told.get("serviceTier", {}).get("type"),
        response_format=_format(output.get("textFormat")),
        reasoning=_reasoning(more, output.get("effort")),
    )


def _spelled(value: Any) -> str:
    """JSON text of a value from `exact`."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_spelled(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_spelled, value)) + "]"
    return str(value) if type(value).__name__ == "Number" else json.dumps(value)


def _parts(content: list[dict[str, Any]], exactly: list[dict[str, Any]]) -> Iterator[Part]:
    for block, spelled in zip(content, exactly, strict=True):
        match block:
            case {"text": text}:
                yield Text(text)
            case {"reasoningContent": {"reasoningText": said}}:
                yield Reasoning(text=said["text"], proof=said.get("signature"), proof_from="bedrock")
            case {"reasoningContent": {"redactedContent": proof}}:
                yield Reasoning(proof=proof, proof_from="bedrock", redacted=True)
            case {"toolUse": call}:
                yield ToolCall(id=call["toolUseId"], name=call["name"], arguments=_spelled(spelled["toolUse"]["input"]))
            case {"toolResult": result}:
                inside: Any = tuple(_parts(result["content"], spelled["toolResult"]["content"]))
                yield ToolResult(id=result["toolUseId"], parts=inside, is_error=result.get("status") == "error")
            case {"cachePoint": _}:
                pass
            case _:
                yield from _media(block)


def _media(block: dict[str, Any]) -> Iterator[Part]:
    (kind, inside), *_ = block.items()
    if kind not in ("image", "document", "video", "audio"):
        yield Opaque(dialect="bedrock", kind=kind, raw=Raw(json.dumps(block).encode()))
        return
    source, form = inside["source"], inside.get("format", "")
    name: Any = kind
    if form == "txt":
        text = source["text"] if "text" in source else base64.b64decode(source["bytes"]).decode()
        yield Media(kind="document", text=text, name=inside["name"])
    elif "bytes" in source:
        yield Media(kind=name, mime=_MIMES.get(form, form), data=source["bytes"])
    else:
        yield Media(kind=name, url=source["s3Location"]["uri"])


def _tools(told: list[dict[str, Any]], exactly: list[dict[str, Any]]) -> Iterator[Tool]:
    for each, spelled in zip(told, exactly, strict=True):
        if "toolSpec" in each:
            spec = each["toolSpec"]
            schema = Raw(_spelled(spelled["toolSpec"]["inputSchema"]["json"]).encode())
            yield Tool(name=spec["name"], description=spec.get("description"), schema=schema, strict=spec.get("strict"))


def _choice(told: dict[str, Any] | None) -> ToolChoice | None:
    if told is None:
        return None
    mode: Any = next(iter(told))
    return ToolChoice(mode=mode, name=told[mode].get("name"))


def _format(told: dict[str, Any] | None) -> ResponseFormat | None:
    if told is None:
        return None
    schema = told["structure"]["jsonSchema"]
    return ResponseFormat(kind="schema", schema=Raw(schema["schema"].encode()), name=schema.get("name"))


def _reasoning(more: dict[str, Any], effort: str | None) -> ReasoningAsk | None:
    thinking, nova = more.get("thinking"), more.get("reasoningConfig")
    if nova is not None:
        off = nova["type"] == "disabled"
        return ReasoningAsk(mode="off" if off else None, effort=nova.get("maxReasoningEffort"))
    modes: Any = {"disabled": "off", "enabled": "on", "adaptive": "adaptive", "between_tools": "between_tools"}
    if thinking is not None:
        return ReasoningAsk(mode=modes[thinking["type"]], budget=thinking.get("budget_tokens"), effort=effort)
    effort = more.get("reasoning_effort", effort)
    return None if effort is None else ReasoningAsk(effort=effort)


def answer(events: list[Event], *, stream: bool) -> bytes:
    told = _message(events)
    return b"".join(_frames(told)) if stream else msgspec.json.encode(told)


def _message(events: list[Event]) -> dict[str, Any]:
    """A whole answer."""
    content: list[dict[str, Any]] = []
    texts: dict[int, str] = {}
    opened: dict[int, PartOpened] = {}
    ended: dict[str, Any] = {}
    for event in fold(events):
        match event:
            case PartOpened():
                opened[event.index] = event
            case PartDelta():
                texts[event.index] = event.text
            case PartClosed():
                content.append(_block(opened[event.index], texts.get(event.index, ""), event))
            case Finished():
                ended = _ended(event)
    if any(part.kind == "refusal" for part in opened.values()):
        ended["stopReason"] = "content_filtered"
    return {"output": {"message": {"role": "assistant", "content": content}}, **ended}


def _block(part: PartOpened, text: str, closed: PartClosed) -> dict[str, Any]:
    if part.kind in ("tool", "custom"):
        return {"toolUse": {"toolUseId": part.id, "name": part.name, "input": Raw(text.encode() or b"{}")}}
    if part.kind == "reasoning" and part.redacted:
        return {"reasoningContent": {"redactedContent": closed.proof}}
    if part.kind == "reasoning":
        signed = {} if closed.proof is None else {"signature": closed.proof}
        return {"reasoningContent": {"reasoningText": {"text": text, **signed}}}
    return {"text": text}


def _ended(event: Finished) -> dict[str, Any]:
    told: dict[str, Any] = {"stopReason": _REASONS.get(event.reason, "end_turn")}
    usage = event.usage
    if usage is not None:
        told["usage"] = {
            "inputTokens": usage.input - usage.cache_read - usage.cache_write,
            "outputTokens": usage.output,
            "totalTokens": usage.input + usage.output,
            "cacheReadInputTokens": usage.cache_read,
            "cacheWriteInputTokens": usage.cache_write,
            "cacheDetails": [{"ttl": "1h", "inputTokens": usage.cache_write_1h}],
        }
    return told


def _frames(told: dict[str, Any]) -> Iterator[bytes]:
    yield _event("messageStart", {"role": "assistant"})
    for index, block in enumerate(told["output"]["message"]["content"]):
        for start, delta in _told(block):
            name, value = ("contentBlockStart", {"start": start}) if start else ("contentBlockDelta", {"delta": delta})
            yield _event(name, {"contentBlockIndex": index, **value})
        yield _event("contentBlockStop", {"contentBlockIndex": index})
    yield _event("messageStop", {"stopReason": told["stopReason"]})
    if "usage" in told:
        yield _event("metadata", {"usage": told["usage"], "metrics": {"latencyMs": 1}})


def _told(block: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    match block:
        case {"toolUse": call}:
            yield {"toolUse": {"toolUseId": call["toolUseId"], "name": call["name"]}}, {}
            yield {}, {"toolUse": {"input": bytes(call["input"]).decode()}}
        case {"reasoningContent": {"reasoningText": said}}:
            yield {}, {"reasoningContent": {"text": said["text"]}}
            if "signature" in said:
                yield {}, {"reasoningContent": {"signature": said["signature"]}}
        case _:
            yield {}, block


def _event(name: str, value: dict[str, Any]) -> bytes:
    return aws_frames.event(name, msgspec.json.encode(value))
