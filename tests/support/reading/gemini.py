"""Google's generateContent: whole, as events, as one array; numbers for words, arguments in pieces."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from support.reading.base import BrokenError, counts, data_of
from support.said import Call, Said, arguments

FINISH = {
    **{"STOP": "stop", "MAX_TOKENS": "length", "CONTINUATION": "length"},
    **dict.fromkeys(("SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"), "refusal"),
    **dict.fromkeys(("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER", "NO_IMAGE"), "refusal"),
}
FAILURES = (
    *("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE"),
    "MISSING_THOUGHT_SIGNATURE",
)
NUMBERS = ("", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII")
SERVERS = ("executableCode", "codeExecutionResult", "toolCall", "toolResponse")
VALUES = ("stringValue", "numberValue", "boolValue")


def read(body: bytes, *, stream: bool) -> Said:
    if not stream or body.lstrip()[:1] in (b"[", b"{"):
        told = json.loads(body)
        return _said(told if isinstance(told, list) else [told], stream=stream or isinstance(told, list))
    return _said(list(data_of(body)), stream=True)


def _said(chunks: list[dict[str, Any]], *, stream: bool) -> Said:
    words = {"text": "", "reasoning": ""}
    calls: list[dict[str, Any]] = []
    reason, blocked, told, excused, others = "", None, None, None, 0
    for chunk in chunks:
        if "error" in chunk:
            raise BrokenError
        told = chunk.get("usageMetadata") or told
        blocked = (chunk.get("promptFeedback") or {}).get("blockReason") or blocked
        for place, candidate in enumerate(chunk.get("candidates") or ()):
            if candidate.get("index", place):
                others += 1
                continue
            reason = _word(candidate.get("finishReason")) or reason
            for part in (candidate.get("content") or {}).get("parts") or ():
                excused = _take(part, words, calls) or excused
    if reason in FAILURES or not (reason or blocked or (not stream and (words["text"] or calls or excused))):
        raise BrokenError
    finish = FINISH.get(reason, "other") if reason else "refusal" if blocked else "stop"
    excused = "several choices" if others else excused
    return Said(words["text"], words["reasoning"], "", tuple(_calls(calls)), finish, _usage(told), excused=excused)


def _word(told: Any) -> str:
    return NUMBERS[told] if isinstance(told, int) else told or ""


def _take(part: dict[str, Any], words: dict[str, str], calls: list[dict[str, Any]]) -> str | None:
    """Why what the part holds cannot be told in other dialects; None where it can."""
    if isinstance(part.get("text"), str):
        words["reasoning" if part.get("thought") else "text"] += part["text"]
    call = part.get("functionCall")
    if call and call.get("name"):
        calls.append({"name": call["name"], "args": call.get("args") or {}})
    for piece in (call or {}).get("partialArgs") or ():
        _place(calls[-1]["args"], piece)
    if "inlineData" in part:
        return "audio" if part["inlineData"].get("mimeType", "").startswith("audio/") else "images"
    return "server tools" if any(name in part for name in SERVERS) else None


def _place(args: Any, piece: dict[str, Any]) -> None:
    steps = re.findall(r"[^.\[\]']+", piece["jsonPath"].removeprefix("$"))
    value = next((piece[name] for name in VALUES if name in piece), None)
    holder = args
    for step, after in pairwise(steps):
        holder = _at(holder, step, [] if after.isdigit() else {})
    last = _at(holder, steps[-1], None)
    key: Any = int(steps[-1]) if isinstance(holder, list) else steps[-1]
    holder[key] = last + value if isinstance(last, str) and isinstance(value, str) else value


def _at(holder: Any, step: str, new: Any) -> Any:
    if isinstance(holder, list):
        holder += [None] * (int(step) + 1 - len(holder))
        if holder[int(step)] is None:
            holder[int(step)] = new
        return holder[int(step)]
    return holder.setdefault(step, new)


def _calls(calls: list[dict[str, Any]]) -> Iterator[Call]:
    for call in calls:
        yield Call(call["name"], arguments(call["args"]))


def _usage(told: dict[str, Any] | None) -> dict[str, int] | None:
    if not told:
        return None
    prompt = (told.get("promptTokenCount") or 0) + (told.get("toolUsePromptTokenCount") or 0)
    said, thought = told.get("candidatesTokenCount") or 0, told.get("thoughtsTokenCount") or 0
    inside = 0 < thought <= said and prompt + said == told.get("totalTokenCount")
    return counts(prompt, said if inside else said + thought, told.get("cachedContentTokenCount") or 0, 0, thought)
