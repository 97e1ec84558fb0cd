"""OpenAI Responses, and the oddities of compatible providers."""

import json
from typing import Any

from support.reading.base import BrokenError, counts, data_of
from support.said import Call, Said, arguments

INCOMPLETE = {"max_output_tokens": "length", "content_filter": "refusal"}
TERMINAL = ("response.completed", "response.incomplete", "response.failed")
PLAIN = ("message", "reasoning", "function_call", "custom_tool_call")
"""Items that every dialect can tell."""


def read(body: bytes, *, stream: bool) -> Said:
    return _said(*_stream(body)) if stream else _whole(json.loads(body))


def _whole(response: Any) -> Said:
    if not isinstance(response, dict) or not isinstance(response.get("output"), list):
        raise BrokenError
    return _said(response, response["output"])


def _stream(body: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(the last response, the items as they were done)."""
    last: dict[str, Any] | None = None
    items: dict[int, dict[str, Any]] = {}
    for event in data_of(body):
        kind = event.get("type")
        if kind == "error":
            raise BrokenError
        if kind in TERMINAL:
            last = event["response"]
        elif kind == "response.output_item.done":
            items[event["output_index"]] = event["item"]
    if last is None:
        raise BrokenError
    return last, [item for _, item in sorted(items.items())] or last.get("output") or []


def _said(response: dict[str, Any], items: list[dict[str, Any]]) -> Said:
    status = response.get("status")
    if status == "failed" or (response.get("error") and not items):
        raise BrokenError
    content = [part for item in items if item.get("type") == "message" for part in item.get("content") or ()]
    thoughts = [item for item in items if item.get("type") == "reasoning"]
    detail = (response.get("incomplete_details") or {}).get("reason") or ""
    finish = (
        INCOMPLETE.get(detail or "", "other")
        if status == "incomplete"
        else "other"
        if status in ("queued", "in_progress")
        else "stop"
    )
    native = sorted({str(item.get("type")) for item in items} - set(PLAIN))
    return Said(
        "".join(part.get("text") or "" for part in content if part.get("type") != "refusal"),
        "".join(_thought(item) for item in thoughts),
        "".join(part.get("refusal") or "" for part in content if part.get("type") == "refusal"),
        tuple(call for item in items if (call := _call(item)) is not None),
        finish,
        _usage(response.get("usage")),
        excused="items of the vendor" if native else None,
    )


def _thought(item: dict[str, Any]) -> str:
    return "".join(part.get("text") or "" for part in [*(item.get("summary") or ()), *(item.get("content") or ())])


def _call(item: dict[str, Any]) -> Call | None:
    match item.get("type"):
        case "function_call":
            return Call(item["name"], arguments(item.get("arguments") or ""))
        case "custom_tool_call":
            return Call(item["name"], item.get("input") or "", True)
    return None


def _usage(told: dict[str, Any] | None) -> dict[str, int] | None:
    if not isinstance(told, dict):
        return None
    before, after = told.get("input_tokens_details") or {}, told.get("output_tokens_details") or {}
    return counts(
        told.get("input_tokens") or 0,
        told.get("output_tokens") or 0,
        before.get("cached_tokens") or 0,
        before.get("cache_write_tokens") or 0,
        after.get("reasoning_tokens") or 0,
    )
