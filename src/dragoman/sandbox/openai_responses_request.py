"""An OpenAI Responses request, read as the vendor reads it: refused in its words where it would be (2026-11)."""

from collections.abc import Iterator
from typing import Any

from dragoman.sandbox.memory import KeptResponse, Memory
from dragoman.sandbox.mind import JSON_OBJECT, Ask, Tool
from dragoman.sandbox.openai_responses_items import Items, check_order, model_said, parts, read_items, texts
from dragoman.sandbox.openai_responses_rules import RESULTS, check_members, not_found
from dragoman.sandbox.openai_responses_tools import Choice, read_choice, read_tools
from dragoman.sandbox.openai_rules import bad, check_name, check_strict_schema, missing, read_body, wrong_value
from dragoman.sandbox.reply import Heard, Incoming
from dragoman.sandbox.task import task_in
from dragoman.wire import json

IMAGE_TOKENS, FILE_TOKENS, ITEM_TOKENS = 300, 1500, 3
CACHED_FROM = 1024
"""Tokens from which the vendor caches a prompt by itself."""


def read(call: Incoming, *, strict: bool) -> Heard:
    """The request, checked. Its `body["input"]` are the items that came with it."""
    body = read_body(call)
    check_members(body, strict=strict)
    given = read_items(body.get("input", []), call.memory)
    items = [*earlier(body.get("previous_response_id"), call.memory), *given]
    if not items:
        missing("input")
    check_order(items)
    tools = tuple(_tools(body, items))
    choice, forced, tools = read_choice(body, tools)
    return Heard(
        model=body["model"],
        stream=body.get("stream") is True,
        ask=_ask(body, items, tools, choice, forced),
        show_thinking=True if body.get("reasoning", {}).get("summary") is not None else None,
        body={**body, "input": given},
    )


def earlier(previous: str | None, memory: Memory) -> Items:
    """The conversation up to and with a remembered response."""
    chain: list[KeptResponse] = []
    while previous is not None:
        kept = memory.responses.get(previous)
        if kept is None:
            message = f"Previous response with id '{previous}' not found."
            not_found(message, "previous_response_id", 400, "previous_response_not_found")
        chain.append(kept)
        previous = kept.previous
    return [item for kept in reversed(chain) for item in (*kept.input, *kept.output)]


def _tools(body: dict[str, Any], items: Items) -> Iterator[Tool]:
    """Those on offer, and those that came inside the conversation."""
    yield from read_tools(body.get("tools", []))
    for at, item in enumerate(items):
        if item["type"] in ("additional_tools", "tool_search_output"):
            yield from read_tools(item["tools"], f"input[{at}].tools")


def _ask(body: dict[str, Any], items: Items, tools: tuple[Tool, ...], choice: Choice, forced: str) -> Ask:
    spoken = [item for item in items if item.get("role") not in ("system", "developer")]
    sides = [model_said(item) for item in spoken]
    last = spoken[max((at for at, said in enumerate(sides) if said), default=-1) + 1 :]
    users = [item for item in spoken if item.get("role") == "user"]
    shown = [part.get("type") for item in last for part in parts(item)]
    tokens = sum(ITEM_TOKENS + _cost(item) for item in items) + len(json.encode(body.get("tools", []))) // 4
    tokens += len(body.get("instructions", "")) // 4
    task, done = task_in(_told(items))
    return Ask(
        text=next((text for item in reversed(users) for text in reversed(texts(item))), ""),
        results=tuple(_result(item) for item in last if item["type"] in RESULTS),
        images=shown.count("input_image"),
        documents=shown.count("input_file"),
        turns=sum(at == 0 or side != sides[at - 1] for at, side in enumerate(sides)),
        tools=tools,
        choice=choice,
        forced=forced,
        parallel=body.get("parallel_tool_calls") is not False,
        thinking=_thinks(body),
        format=_format(body, items),
        task=task,
        done=done,
        max_tokens=body.get("max_output_tokens"),
        input_tokens=tokens,
        cache_marked=tokens >= CACHED_FROM or "prompt_cache_key" in body or _marked(items),
    )


def _told(items: Items) -> Iterator[str | None]:
    """What the user said and, as None, the results that came."""
    for item in items:
        if item["type"] in RESULTS:
            yield None
        elif item.get("role") == "user":
            yield from texts(item)


def _result(item: dict[str, Any]) -> str:
    if item["type"] == "tool_search_output":
        return f"{', '.join(tool.full_name for tool in read_tools(item['tools']))} found"
    if item["type"] in ("function_call_output", "custom_tool_call_output", "local_shell_call_output"):
        return " ".join(texts(item))
    return json.text(item.get("output", item.get("status")))


def _thinks(body: dict[str, Any]) -> bool:
    reasoning = body.get("reasoning")
    return reasoning is not None and reasoning.get("effort") != "none"


def _format(body: dict[str, Any], items: Items) -> Any:
    wanted = body.get("text", {}).get("format")
    if wanted is None:
        return None
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind is None:
        missing("text.format.type")
    if kind not in ("text", "json_object", "json_schema"):
        wrong_value("text.format.type", kind, ("json_object", "json_schema", "text"))
    if kind == "text":
        return None
    if kind == "json_object":
        if "json" not in json.text([body.get("instructions", ""), *(item.get("content") for item in items)]).lower():
            bad(
                "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
                "input",
            )
        return JSON_OBJECT
    check_name("text.format.name", wanted.get("name"))
    schema = wanted.get("schema")
    if not isinstance(schema, dict):
        missing("text.format.schema")
    if wanted.get("strict") is True:
        check_strict_schema(schema, wanted["name"], "text.format.schema")
    return schema


def _cost(item: dict[str, Any]) -> int:
    counted = sum(_part_cost(part) for part in parts(item))
    said = [item[name] for name in ("arguments", "input", "action", "operation") if name in item]
    return counted + sum(len(json.encode(value)) // 4 for value in said)


def _part_cost(part: dict[str, Any]) -> int:
    match part.get("type"):
        case "input_image":
            return IMAGE_TOKENS
        case "input_file":
            return FILE_TOKENS
        case _:
            return len(str(part.get("text", part.get("refusal", "")))) // 4 + 1


def _marked(items: Items) -> bool:
    return any(part.get("prompt_cache_breakpoint") for item in items for part in parts(item))
