"""A small agent program in each dialect: it asks, answers every tool call with `done`, and asks again until there are no more."""

from typing import Any

from msgspec import Struct

from dragoman.sandbox import Sandbox
from dragoman.wire import json
from support.sandbox import CHAT, COHERE, GEMINI, MESSAGES, OLLAMA, RESPONSES, ask, headers_of, request, target

LONGEST = 12
"""Turns after which an agent that does not come to an end is stopped."""


class Ran(Struct):
    """Of each turn the calls: (name, arguments or free text); texts beside them; what was said last."""

    turns: list[list[tuple[str, Any]]]
    said: list[str]
    last: str


async def run(sandbox: Sandbox, path: str, prompt: str, tools: Any, **more: Any) -> Ran:
    """`tools` as the dialect has them. `more`: further members of every request."""
    opened: dict[str, tuple[str, dict[str, Any]]] = {
        CHAT: ("messages", {"role": "user", "content": prompt}),
        MESSAGES: ("messages", {"role": "user", "content": [{"type": "text", "text": prompt}]}),
        RESPONSES: ("input", {"role": "user", "content": [{"type": "input_text", "text": prompt}]}),
        GEMINI: ("contents", {"role": "user", "parts": [{"text": prompt}]}),
        OLLAMA: ("messages", {"role": "user", "content": prompt}),
        COHERE: ("messages", {"role": "user", "content": prompt}),
    }
    name, opening = opened[path]
    history: list[Any] = [opening]
    ran = Ran([], [], "")
    usual: dict[str, Any] = {MESSAGES: {"max_tokens": 1000}, RESPONSES: {"store": False}, OLLAMA: {"stream": False}}
    for _ in range(LONGEST):
        body = {"tools": tools, **usual.get(path, {}), **more, name: history} | ({} if path == GEMINI else {"model": "m"})
        raw = await ask(sandbox, request("POST", target(path, "gemini-3.5-flash"), json.encode(body), headers_of(path)))
        assert raw.status == 200, raw.json
        text, calls, answers = TURNS[path](raw.json, history)
        if not calls:
            ran.last = text
            return ran
        ran.turns.append(calls)
        ran.said.append(text)
        history += answers
    raise AssertionError(f"it does not come to an end: {ran}")


Turn = tuple[str, list[tuple[str, Any]], list[Any]]
"""(text, calls, messages that answer them)."""


def _chat(answer: Any, history: list[Any]) -> Turn:
    message = answer["choices"][0]["message"]
    history.append(message)
    calls, answers = [], []
    for call in message.get("tool_calls", ()):
        inner = call[call["type"]]
        calls.append((inner["name"], json.decode(inner["arguments"]) if "arguments" in inner else inner["input"]))
        answers.append({"role": "tool", "tool_call_id": call["id"], "content": "done"})
    return message["content"] or "", calls, answers


def _messages(answer: Any, history: list[Any]) -> Turn:
    history.append({"role": "assistant", "content": answer["content"]})
    calls, results = [], []
    for block in answer["content"]:
        if block["type"] == "tool_use":
            calls.append((block["name"], block["input"]))
            results.append({"type": "tool_result", "tool_use_id": block["id"], "content": "done"})
    return "".join(b.get("text", "") for b in answer["content"]), calls, [{"role": "user", "content": results}]


def _responses(answer: Any, history: list[Any]) -> Turn:
    history += answer["output"]
    text, calls, answers = "", list[tuple[str, Any]](), list[Any]()
    for item in answer["output"]:
        match item["type"]:
            case "message":
                text += "".join(part["text"] for part in item["content"])
            case "function_call":
                spaced = f"{item['namespace']}/{item['name']}" if "namespace" in item else item["name"]
                calls.append((spaced, json.decode(item["arguments"])))
                answers.append({"type": "function_call_output", "call_id": item["call_id"], "output": "done"})
            case "custom_tool_call":
                calls.append((item["name"], item["input"]))
                answers.append({"type": "custom_tool_call_output", "call_id": item["call_id"], "output": "done"})
            case "tool_search_call":
                calls.append(("tool_search", item["arguments"]))
                found = [
                    {
                        "type": "function",
                        "name": "found",
                        "parameters": {"type": "object", "properties": {"a": {"type": "string"}}},
                    }
                ]
                space = {"type": "namespace", "name": "mcp__late", "description": "x", "tools": found}
                answers.append(
                    {"type": "tool_search_output", "call_id": item["call_id"], "execution": "client", "tools": [space]}
                )
    return text, calls, answers


def _gemini(answer: Any, history: list[Any]) -> Turn:
    content = answer["candidates"][0]["content"]
    history.append(content)
    made = [part["functionCall"] for part in content["parts"] if "functionCall" in part]
    answers = [{"functionResponse": {"id": c["id"], "name": c["name"], "response": {"output": "done"}}} for c in made]
    text = "".join(part.get("text", "") for part in content["parts"])
    return text, [(call["name"], call["args"]) for call in made], [{"role": "user", "parts": answers}]


def _ollama(answer: Any, history: list[Any]) -> Turn:
    message = answer["message"]
    history.append(message)
    calls = [(call["function"]["name"], call["function"]["arguments"]) for call in message.get("tool_calls", ())]
    return message["content"], calls, [{"role": "tool", "tool_name": name, "content": "done"} for name, _ in calls]


def _cohere(answer: Any, history: list[Any]) -> Turn:
    message = answer["message"]
    history.append(message)
    made = message.get("tool_calls", ())
    text = message.get("tool_plan", "") + "".join(part["text"] for part in message.get("content", ()) if part["type"] == "text")
    calls = [(call["function"]["name"], json.decode(call["function"]["arguments"])) for call in made]
    results = [{"type": "document", "document": {"data": "done"}}]
    return text, calls, [{"role": "tool", "tool_call_id": call["id"], "content": results} for call in made]


TURNS = {CHAT: _chat, MESSAGES: _messages, RESPONSES: _responses, GEMINI: _gemini, OLLAMA: _ollama, COHERE: _cohere}
