"""Ollama's own API: JSON objects, one a line."""

import json
from typing import Any

from support.reading.base import BrokenError, counts
from support.said import Call, Said, arguments


def read(body: bytes, *, stream: bool) -> Said:
    lines = [json.loads(line) for line in body.splitlines() if line.strip()] if stream else [json.loads(body)]
    if not lines or any("error" in line for line in lines):
        raise BrokenError
    done = next((place for place, line in enumerate(lines) if line.get("done")), len(lines) - 1)
    last, messages = lines[done], [line.get("message") or {} for line in lines[: done + 1]]
    if last.get("done") is False or (stream and not last.get("done")) or not any(messages):
        raise BrokenError
    text, thought = ("".join(message.get(name) or "" for message in messages) for name in ("content", "thinking"))
    told = [call["function"] for message in messages for call in message.get("tool_calls") or ()]
    calls = tuple(Call(call["name"], arguments(call.get("arguments") or {})) for call in told)
    finish = {"stop": "stop", "length": "length"}.get(last.get("done_reason", "stop"), "other")
    return Said(text, thought, "", calls, "tool" if calls and finish == "stop" else finish, _usage(last))


def _usage(last: dict[str, Any]) -> dict[str, int] | None:
    if "prompt_eval_count" not in last and "eval_count" not in last:
        return None
    return counts(last.get("prompt_eval_count", 0), last.get("eval_count", 0), 0, 0, 0)
