"""Amazon Bedrock's Converse."""

import json
from typing import Any

from support import aws_frames
from support.reading.base import BrokenError, counts
from support.said import Call, Said, arguments

FINISH = {
    **{"end_turn": "stop", "stop_sequence": "stop", "tool_use": "tool", "max_tokens": "length"},
    **{"content_filtered": "refusal", "guardrail_intervened": "refusal", "model_context_window_exceeded": "length"},
}


def read(body: bytes, *, stream: bool) -> Said:
    return _said(_stream(body) if stream else json.loads(body))


def _stream(body: bytes) -> dict[str, Any]:
    blocks: dict[int, dict[str, Any]] = {}
    whole: dict[str, Any] = {}
    for name, payload in aws_frames.read(body):
        if name.endswith("Exception"):
            raise BrokenError
        block = blocks.setdefault(payload.get("contentBlockIndex", -1), {})
        match name:
            case "contentBlockStart":
                block.update(payload["start"])
            case "contentBlockDelta":
                _grow(block, payload["delta"])
            case "messageStop" | "metadata":
                whole.update(payload)
    blocks.pop(-1, None)
    return {
        **whole,
        "output": {"message": {"content": [blocks[index] for index in sorted(blocks) if blocks[index]]}},
        "streamed": True,
    }


def _grow(block: dict[str, Any], delta: dict[str, Any]) -> None:
    if "text" in delta:
        block["text"] = block.get("text", "") + delta["text"]
    if "toolUse" in delta:
        block["toolUse"]["json"] = block["toolUse"].get("json", "") + delta["toolUse"]["input"]
    if "reasoningContent" in delta:
        said = block.setdefault("reasoningContent", {}).setdefault("reasoningText", {"text": ""})
        said["text"] += delta["reasoningContent"].get("text", "")


def _said(told: dict[str, Any]) -> Said:
    if "output" not in told or (told.get("streamed") and not told.get("stopReason")):
        raise BrokenError
    blocks = told["output"]["message"]["content"]
    cited = ["".join(piece["text"] for piece in each.get("citationsContent", {}).get("content", ())) for each in blocks]
    text = "".join(each.get("text", "") + words for each, words in zip(blocks, cited, strict=True))
    thoughts = [each["reasoningContent"].get("reasoningText", {}) for each in blocks if "reasoningContent" in each]
    called = [each["toolUse"] for each in blocks if "toolUse" in each]
    calls = [call for call in called if call.get("type") != "server_tool_use"]
    return Said(
        text,
        "".join(each.get("text", "") for each in thoughts),
        "",
        tuple(Call(call["name"], arguments(call["json"] if "json" in call else call.get("input", {}))) for call in calls),
        FINISH.get(told.get("stopReason") or "end_turn", "other"),
        _usage(told.get("usage")),
    )


def _usage(told: dict[str, Any] | None) -> dict[str, int] | None:
    if told is None:
        return None
    read, write = told.get("cacheReadInputTokens") or 0, told.get("cacheWriteInputTokens") or 0
    return counts(told["inputTokens"] + read + write, told["outputTokens"], read, write, 0)
