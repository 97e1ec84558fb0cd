"""Anthropic Messages."""

import json
from typing import Any

from support.reading.base import BrokenError, counts, data_of
from support.said import Call, Said, arguments

FINISH = {
    **{"end_turn": "stop", "stop_sequence": "stop", "compaction": "stop", "tool_use": "tool"},
    **{"max_tokens": "length", "model_context_window_exceeded": "length", "refusal": "refusal", "pause_turn": "pause"},
}


def read(body: bytes, *, stream: bool) -> Said:
    return _said(_stream(body) if stream else json.loads(body))


def _stream(body: bytes) -> dict[str, Any]:
    message: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    for event in data_of(body):
        match event.get("type"):
            case "error":
                raise BrokenError
            case "message_start":
                message = {**event["message"], "usage": dict(event["message"].get("usage") or {})}
            case "content_block_start":
                blocks[event["index"]] = {**event["content_block"], "json": ""}
            case "content_block_delta":
                block, delta = blocks[event["index"]], event["delta"]
                for key in ("text", "thinking"):
                    block[key] = (block.get(key) or "") + (delta.get(key) or "")
                block["json"] += delta.get("partial_json") or ""
            case "message_delta":
                message.update({key: value for key, value in event["delta"].items() if value is not None})
                message["usage"].update({key: value for key, value in (event.get("usage") or {}).items() if value is not None})
    content = [{**block, "input": block["json"] or block.get("input")} for _, block in sorted(blocks.items())]
    return {**message, "content": content, "streamed": True}


def _said(message: dict[str, Any]) -> Said:
    if "content" not in message or (message.get("streamed") and message.get("stop_reason") is None):
        raise BrokenError
    blocks = message["content"]
    text = "".join(block["text"] for block in blocks if block["type"] == "text")
    thinking = "".join(block["thinking"] for block in blocks if block["type"] == "thinking")
    calls = tuple(Call(block["name"], arguments(block["input"])) for block in blocks if block["type"] == "tool_use")
    finish = FINISH.get(message.get("stop_reason") or "end_turn", "other")
    return Said(text, thinking, "", calls, finish, _usage(message["usage"]))


def _usage(told: dict[str, Any]) -> dict[str, int]:
    read, write = told.get("cache_read_input_tokens") or 0, told.get("cache_creation_input_tokens") or 0
    thought = (told.get("output_tokens_details") or {}).get("thinking_tokens") or 0
    return counts((told.get("input_tokens") or 0) + read + write, told.get("output_tokens") or 0, read, write, thought)
