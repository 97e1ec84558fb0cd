"""OpenAI Chat Completions, and the oddities of compatible providers."""

import json
from collections.abc import Iterator
from typing import Any

from support.reading.base import CONTRADICTION, BrokenError, counts, data_of
from support.said import Call, Said, arguments

FINISH = {
    **{"stop": "stop", "eos": "stop", "length": "length", "model_length": "length", "max_tokens": "length"},
    **{"tool_calls": "tool", "tool_call": "tool", "function_call": "tool", "content_filter": "refusal", "sensitive": "refusal"},
    **{"model_context_window_exceeded": "length", "error": "failed", "network_error": "failed"},
}


def read(body: bytes, *, stream: bool) -> Said:
    return _said(_stream(body) if stream else json.loads(body), stream=stream)


def _stream(body: bytes) -> dict[str, Any]:
    message: dict[str, Any] = {"tool_calls": [], "text": "", "thought": "", "refusal": ""}
    usage, reason = None, None
    for chunk in data_of(body):
        if chunk.get("error"):
            raise BrokenError
        usage = chunk.get("usage") or (chunk.get("x_groq") or {}).get("usage") or usage
        for choice in chunk.get("choices") or ():
            message["choices"] = max(message.get("choices", 1), choice.get("index", 0) + 1)
            if choice.get("index", 0) == 0:
                _take(message, choice.get("delta") or choice.get("message") or {})
                told = choice.get("finish_reason")
                reason = reason if reason in ("tool_calls", "function_call") else told or reason
                message["error"] = message.get("error") or choice.get("error")
    choice = {"message": message, "finish_reason": reason, "error": message.pop("error", None)}
    return {"choices": [choice] * message.pop("choices", 1), "usage": usage}


def _take(message: dict[str, Any], delta: dict[str, Any]) -> None:
    text, thought = _words(delta)
    message["text"] += text
    message["thought"] += thought
    message["refusal"] += delta.get("refusal") or ""
    if delta.get("audio"):
        message["audio"] = delta["audio"]
    if delta.get("images"):
        message["images"] = delta["images"]
    if delta.get("executed_tools"):
        message["executed_tools"] = delta["executed_tools"]
    legacy = delta.get("function_call")
    if legacy:
        kept = message.setdefault("function_call", {"name": "", "arguments": ""})
        kept["name"] += legacy.get("name") or ""
        kept["arguments"] += legacy.get("arguments") or ""
    for piece in delta.get("tool_calls") or ():
        _take_call(message["tool_calls"], piece)


def _take_call(calls: list[dict[str, Any]], piece: dict[str, Any]) -> None:
    inner, index, ident = piece.get("function") or piece.get("custom") or {}, piece.get("index"), piece.get("id")
    if index is None:
        open_call = next((call for call in calls if ident and call["id"] == ident), None)
        if open_call is None and not ident and not inner.get("name"):
            open_call = calls[-1]
    else:
        open_call = next((call for call in reversed(calls) if call["index"] == index), None)
        if open_call and ident and open_call["id"] and ident != open_call["id"] and inner.get("name"):
            open_call = None
    if open_call is None:
        open_call = {"index": index, "id": "", "type": piece.get("type"), "name": "", "arguments": ""}
        calls.append(open_call)
    open_call["id"] = open_call["id"] or ident or ""
    open_call["name"] = open_call["name"] or inner.get("name") or ""
    told = inner.get("arguments", inner.get("input"))
    open_call["arguments"] += told if isinstance(told, str) else json.dumps(told) if told is not None else ""


def _said(body: dict[str, Any], *, stream: bool) -> Said:
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        raise BrokenError
    first = choices[0]
    reason, message = first.get("finish_reason"), first.get("message") or {}
    if first.get("error") or FINISH.get(reason) == "failed" or (stream and not reason):
        raise BrokenError
    text, thought = (message["text"], message["thought"]) if stream else _words(message)
    found = Said(
        text,
        thought,
        message.get("refusal") or "",
        tuple(_calls(message)),
        FINISH.get(reason or "stop", "other"),
        usage(body.get("usage") or (body.get("x_groq") or {}).get("usage")),
        excused=_excused(message, choices, body.get("usage") or {}),
    )
    if not reason and not (found.text or found.calls or found.reasoning or found.refusal):
        raise BrokenError
    return found


def _excused(message: dict[str, Any], choices: list[Any], usage: dict[str, Any]) -> str | None:
    if ((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0) > (usage.get("prompt_tokens") or 0):
        return CONTRADICTION
    if len(choices) > 1:
        return "several choices"
    if message.get("audio"):
        return "audio"
    if message.get("images"):
        return "images"
    return "server tools" if message.get("executed_tools") else None


def _words(message: dict[str, Any]) -> tuple[str, str]:
    content = message.get("content")
    text, thought = "", ""
    if isinstance(content, dict):
        text = json.dumps(content)
    for part in [{"type": "text", "text": content}] if isinstance(content, str) else content or ():
        if isinstance(part, dict) and part.get("type") == "text":
            text += part.get("text") or ""
        elif isinstance(part, dict) and part.get("type") == "thinking":
            inner = part.get("thinking")
            thought += inner if isinstance(inner, str) else "".join(each.get("text") or "" for each in inner or ())
    return text, thought + thoughts(message)


def thoughts(message: dict[str, Any]) -> str:
    """Thinking, in whichever of the places that providers have for it beside the official members."""
    details = [each for each in message.get("reasoning_details") or () if isinstance(each, dict)]
    told = "".join(str(each.get("text") or each.get("summary") or "") for each in details)
    places = (message.get("reasoning_content"), message.get("reasoning"), told)
    return next((words for words in places if isinstance(words, str) and words), "")


def _calls(message: dict[str, Any]) -> Iterator[Call]:
    told = [call for call in message.get("tool_calls") or () if isinstance(call, dict)]
    for call in told:
        inner = call if "name" in call and "arguments" in call else call.get("function") or call.get("custom") or {}
        custom = call.get("type") == "custom"
        text = inner.get("arguments", inner.get("input"))
        yield Call(inner.get("name") or "", text if custom else arguments(text or ""), custom)
    legacy = message.get("function_call")
    if not told and legacy and legacy.get("name"):
        yield Call(legacy["name"], arguments(legacy.get("arguments") or ""))


def usage(told: dict[str, Any] | None) -> dict[str, int] | None:
    """Counts in all the places that compatible providers have for them."""
    if not isinstance(told, dict):
        return None
    prompt, completion = told.get("prompt_tokens") or 0, told.get("completion_tokens") or 0
    detail = told.get("prompt_tokens_details") or {}
    elsewhere = ("prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens")
    read = detail.get("cached_tokens") or next((told[name] for name in elsewhere if told.get(name)), 0)
    write = detail.get("cache_write_tokens") or told.get("cache_creation_input_tokens") or 0
    reasoning = (told.get("completion_tokens_details") or {}).get("reasoning_tokens") or told.get("reasoning_tokens") or 0
    if reasoning and told.get("total_tokens") == prompt + completion + reasoning:
        completion += reasoning
    return counts(prompt, completion, read, write, reasoning)
