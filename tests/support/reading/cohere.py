"""Cohere's chat API, version 2."""

import json
from typing import Any

from support.reading.base import BrokenError, counts, data_of
from support.said import Call, Said, arguments

FINISH = {"COMPLETE": "stop", "STOP_SEQUENCE": "stop", "MAX_TOKENS": "length", "TOOL_CALL": "tool"}


def read(body: bytes, *, stream: bool) -> Said:
    answer = _stream(body) if stream else json.loads(body)
    message, reason = answer.get("message"), answer.get("finish_reason")
    if not isinstance(message, dict) or answer.get("error") or reason in ("ERROR", "TIMEOUT") or (stream and not reason):
        raise BrokenError
    content = message.get("content") or []
    blocks = [{"text": content}] if isinstance(content, str) else content
    text = "".join(block.get("text") or "" for block in blocks)
    thought = "".join(block.get("thinking") or "" for block in blocks) + (message.get("tool_plan") or "")
    calls = tuple(
        Call(call["function"]["name"], arguments(call["function"]["arguments"])) for call in message.get("tool_calls") or ()
    )
    if not reason and not (text or thought or calls):
        raise BrokenError
    return Said(text, thought, "", calls, FINISH.get(reason or "COMPLETE", "other"), _usage(answer.get("usage")))


def _stream(body: bytes) -> dict[str, Any]:
    message: dict[str, Any] = {"content": [], "tool_plan": "", "tool_calls": []}
    answer: dict[str, Any] = {}
    for event in data_of(body):
        told = (event.get("delta") or {}).get("message") or {}
        match event.get("type"):
            case "message-start":
                answer["message"] = message
            case "content-start" | "content-delta":
                message["content"].append(told["content"])
            case "tool-plan-delta":
                message["tool_plan"] += told["tool_plan"]
            case "tool-call-start":
                message["tool_calls"].append({"function": dict(told["tool_calls"]["function"])})
            case "tool-call-delta":
                call = message["tool_calls"][event["index"]]["function"]
                call["arguments"] = (call.get("arguments") or "") + told["tool_calls"]["function"]["arguments"]
            case "message-end":
                answer.update(event["delta"])
            case None:
                raise BrokenError
    return answer


def _usage(told: dict[str, Any] | None) -> dict[str, int] | None:
    if not told:
        return None
    tokens = told.get("tokens") or told["billed_units"]
    total = int(tokens["input_tokens"]) + int(tokens.get("image_tokens", 0))
    return counts(total, int(tokens["output_tokens"]), told.get("cached_tokens", 0), 0, tokens.get("reasoning_tokens", 0))
