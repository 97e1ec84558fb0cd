"""Reads providers' answers without any of our code: the judge of what a recording says.

Rule: lax. Every deviation that providers are known for is read as what it means (wire documentation of each).
"""

import json
from collections.abc import Iterator
from typing import Any

from support.said import Call, Said, arguments

FAILED = "failed"
"""An error or a missing ending, of whatever kind."""
CONTRADICTION = "more tokens cached than there were"
"""Seen of Grok on Azure: such a sum has no normal form, and is told as if all were cached."""
ANTHROPIC_FINISH = {
    **{"end_turn": "stop", "stop_sequence": "stop", "compaction": "stop", "tool_use": "tool"},
    **{"max_tokens": "length", "model_context_window_exceeded": "length", "refusal": "refusal", "pause_turn": "pause"},
}
CHAT_FINISH = {
    **{"stop": "stop", "eos": "stop", "length": "length", "model_length": "length", "max_tokens": "length"},
    **{"tool_calls": "tool", "tool_call": "tool", "function_call": "tool", "content_filter": "refusal", "sensitive": "refusal"},
    **{"model_context_window_exceeded": "length", "error": "failed", "network_error": "failed"},
}


def read(dialect: str, body: bytes, *, stream: bool) -> Said:
    """What the answer says. `error` is FAILED where it is an error, has no ending or cannot be read."""
    try:
        if dialect == "anthropic":
            found = _anthropic(_anthropic_stream(body) if stream else json.loads(body))
        else:
            found = _chat(_chat_stream(body) if stream else json.loads(body), stream=stream)
    except (_BrokenError, ValueError):
        return Said(error=FAILED)
    return found.settled()


class _BrokenError(Exception):
    pass


def data_of(body: bytes) -> Iterator[Any]:
    """The JSON of each event, until `[DONE]`."""
    for event in body.replace(b"\r\n", b"\n").split(b"\n\n"):
        lines = [line[5:].strip() for line in event.split(b"\n") if line.startswith(b"data:")]
        if lines == [b"[DONE]"]:
            return
        if lines:
            yield json.loads(b"\n".join(lines))


def _anthropic_stream(body: bytes) -> dict[str, Any]:
    message: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    for event in data_of(body):
        match event.get("type"):
            case "error":
                raise _BrokenError
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


def _anthropic(message: dict[str, Any]) -> Said:
    if "content" not in message or (message.get("streamed") and message.get("stop_reason") is None):
        raise _BrokenError
    blocks = message["content"]
    text = "".join(block["text"] for block in blocks if block["type"] == "text")
    thinking = "".join(block["thinking"] for block in blocks if block["type"] == "thinking")
    calls = tuple(Call(block["name"], arguments(block["input"])) for block in blocks if block["type"] == "tool_use")
    finish = ANTHROPIC_FINISH.get(message.get("stop_reason") or "end_turn", "other")
    return Said(text, thinking, "", calls, finish, _anthropic_usage(message["usage"]))


def _anthropic_usage(told: dict[str, Any]) -> dict[str, int]:
    read, write = told.get("cache_read_input_tokens") or 0, told.get("cache_creation_input_tokens") or 0
    thought = (told.get("output_tokens_details") or {}).get("thinking_tokens") or 0
    return _counts((told.get("input_tokens") or 0) + read + write, told.get("output_tokens") or 0, read, write, thought)


def _counts(total: int, output: int, read: int, write: int, reasoning: int) -> dict[str, int]:
    return {"input": total, "output": output, "cache_read": read, "cache_write": write, "reasoning": min(reasoning, output)}


def _chat_stream(body: bytes) -> dict[str, Any]:
    message: dict[str, Any] = {"tool_calls": [], "text": "", "thought": "", "refusal": ""}
    usage, reason = None, None
    for chunk in data_of(body):
        if chunk.get("error"):
            raise _BrokenError
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


def _chat(body: dict[str, Any], *, stream: bool) -> Said:
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        raise _BrokenError
    first = choices[0]
    reason, message = first.get("finish_reason"), first.get("message") or {}
    if first.get("error") or CHAT_FINISH.get(reason) == "failed" or (stream and not reason):
        raise _BrokenError
    text, thought = (message["text"], message["thought"]) if stream else _words(message)
    found = Said(
        text,
        thought,
        message.get("refusal") or "",
        tuple(_calls(message)),
        CHAT_FINISH.get(reason or "stop", "other"),
        chat_usage(body.get("usage") or (body.get("x_groq") or {}).get("usage")),
        excused=_excused(message, choices, body.get("usage") or {}),
    )
    if not reason and not (found.text or found.calls or found.reasoning or found.refusal):
        raise _BrokenError
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


def chat_usage(told: dict[str, Any] | None) -> dict[str, int] | None:
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
    return _counts(prompt, completion, read, write, reasoning)
