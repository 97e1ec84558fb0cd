"""What a request asks, as a list of statements, so that two dialects can be compared piece by piece.

Rule: a statement knows where in the client's request it stands, so that a loss can be looked up for it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from dragoman.core.loss import Loss
from dragoman.core.parts import Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from dragoman.core.request import Message, Request, Tool, ToolChoice
from dragoman.dialects.base import NOTHING
from dragoman.dialects.history import leading_system, paired
from dragoman.dialects.media import as_text
from support.said import arguments, squeeze
from support.speech import plain

SIMPLE = (
    *("max_output_tokens", "temperature", "top_p", "top_k", "stop", "seed", "presence_penalty", "frequency_penalty", "n"),
    *("logprobs", "top_logprobs", "verbosity", "metadata", "prompt_cache_key", "service_tier", "store", "stream"),
    *("parallel_tools", "user", "safety_identifier"),
)
DEFAULTS: dict[str, Any] = {
    **{"parallel_tools": True, "n": 1, "logprobs": False, "top_logprobs": 0, "stream": False, "stop": [], "store": False},
    **{"presence_penalty": 0, "frequency_penalty": 0, "verbosity": "medium"},
}
"""What is asked where nothing is said: saying it or not is the same."""


_DEPTH = 8
"""How deep references are followed: some lead back to themselves."""


class Statement(NamedTuple):
    key: str
    value: Any
    at: str


def statements(request: Request, names: Mapping[str, str] = NOTHING.names) -> list[Statement]:
    """In order, but for results: which call each answers counts. Ids of calls are told as ordinals: they may be renamed. White
    space alone is no text.

    `names`: tool names that were changed on the way -> the client's.
    """
    return [*_conversation(request, names), *_tools(request, names), *_members(request)]


def missing(there: list[Statement], here: list[Statement], losses: tuple[Loss, ...]) -> list[Statement]:
    """What was asked there, is not asked here in the same order, and that no loss names."""
    left: dict[str, list[Any]] = {}
    for statement in here:
        left.setdefault(statement.key, []).append(statement.value)
    texts = {key: "\n".join(values) for key, values in left.items() if _of_text(key)}
    found = []
    for statement in there:
        values = left.get(statement.key, [])
        if _of_text(statement.key):
            _, met, texts[statement.key] = texts.get(statement.key, "").partition(statement.value.strip())
            if not met and not confessed(statement.at, losses):
                found.append(statement)
        elif statement.value in values:
            del values[: values.index(statement.value) + 1]
        elif not confessed(statement.at, losses):
            found.append(statement)
    return found


def _of_text(key: str) -> bool:
    """Several texts may be told as one."""
    return key in ("system", "reasoning") or key.endswith(" text")


def confessed(at: str, losses: tuple[Loss, ...]) -> bool:
    """A loss names the piece, what it stands in, or a member of it."""
    return any(inside(at, loss.path) or inside(loss.path, at) for loss in losses)


def inside(path: str, outer: str) -> bool:
    return path == outer or path.startswith(outer + "/")


def _conversation(request: Request, names: Mapping[str, str]) -> Iterator[Statement]:
    """System text at the front is one thing, wherever it stood; a summary stands for what came before it."""
    pieces, messages = leading_system(request)
    yield from (Statement("system", piece.text, piece.at) for piece in pieces if isinstance(piece, Text) and piece.text.strip())
    ids: dict[str, int] = {}
    for message in paired(messages):
        role = "later system" if message.role in ("system", "developer") else "user" if message.role == "tool" else message.role
        yield from _message(role, message, ids, names)


def _message(role: str, message: Message, ids: dict[str, int], names: Mapping[str, str]) -> Iterator[Statement]:
    for part in message.parts:
        yield from _part(role, replace(part, name=names.get(part.name, part.name)) if isinstance(part, ToolCall) else part, ids)


def _part(role: str, part: Part, ids: dict[str, int]) -> Iterator[Statement]:
    match part:
        case Text():
            if part.text.strip():
                yield Statement(f"{role} text", part.text, part.at)
        case Media():
            yield Statement(f"{role} media", _media(part), part.at)
        case Reasoning():
            if part.text:
                yield Statement("reasoning", squeeze(part.text), part.at)
        case ToolCall():
            ids[part.id] = len(ids)
            yield Statement("call", (part.name, part.arguments if part.custom else arguments(part.arguments)), part.at)
        case ToolResult():
            ordinal = ids.get(part.id)
            yield Statement(f"result of call {ordinal}", True, part.at)
            for inner in part.parts:
                yield from _part(f"result {ordinal}", inner, ids)
        case Refusal():
            yield Statement("refusal", part.text, part.at)
        case Opaque():
            yield Statement("opaque", plain(part.raw), part.at)


def _media(part: Media) -> tuple[Any, ...]:
    """Text in base64 is that text."""
    mime = _SAME_TYPES.get(part.mime or "", part.mime)
    if part.data is not None and mime is not None and mime.startswith("text/") and (text := as_text(part.data)) is not None:
        return ("document", None, None, None, None, text)
    return (part.kind, mime if part.data is not None else None, part.data, part.url, part.file_id, part.text)


_SAME_TYPES = {"audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "audio/mp3": "audio/mpeg"}
"""Several names of one media type."""


def _tools(request: Request, names: Mapping[str, str]) -> Iterator[Statement]:
    for tool in request.tools:
        if not isinstance(tool, Tool):
            yield Statement("server tool", plain(tool.raw), tool.at)
            continue
        name = names.get(tool.name, tool.name)
        yield Statement("tool", name, tool.at)
        yield Statement(f"tool {name} description", tool.description or None, tool.at)
        yield Statement(f"tool {name} schema", _schema(tool), tool.at)
        if tool.strict:
            yield Statement(f"tool {name} strict", True, tool.at)
    choice = request.tool_choice
    if choice is not None and choice.mode != "auto" and (choice.mode != "none" or request.tools):
        mode, chosen = _chosen(request, choice)
        yield Statement("tool choice", (mode, names.get(chosen or "", chosen)), choice.at)


def _chosen(request: Request, choice: ToolChoice) -> tuple[str, str | None]:
    """Where one of a single tool must be called, it is that tool."""
    offered = choice.allowed or [tool.name for tool in request.tools if isinstance(tool, Tool)]
    if choice.mode == "any" and len(offered) == 1 and not any(isinstance(tool, Opaque) for tool in request.tools):
        return "tool", offered[0]
    return choice.mode, choice.name


def _schema(tool: Tool) -> dict[str, Any]:
    """An object without properties is what no schema means; every dialect spells it in its own way. What a reference leads to may
    stand in its place, and that further properties are valid may be said or not."""
    schema = plain(tool.schema) if tool.schema is not None and not tool.custom else {}
    named = {f"#/$defs/{name}": each for name, each in schema.get("$defs", {}).items()}
    unfolded = _unfolded({name: each for name, each in schema.items() if name != "$defs"}, named, 0)
    return {"type": "object", **{name: each for name, each in unfolded.items() if (name, each) != ("properties", {})}}


def _one_of_one(member: tuple[str, Any]) -> tuple[str, Any]:
    """`const` is an `enum` of one."""
    return ("enum", [member[1]]) if member[0] == "const" else member


def _unfolded(schema: Any, named: Mapping[str, Any], depth: int) -> Any:
    if isinstance(schema, dict):
        if schema.get("$ref") in named and depth < _DEPTH:
            return _unfolded(named[schema["$ref"]], named, depth + 1)
        told = {name: each for name, each in schema.items() if (name, each) != ("additionalProperties", True)}
        return {name: _unfolded(each, named, depth) for name, each in map(_one_of_one, told.items())}
    return [_unfolded(each, named, depth) for each in schema] if isinstance(schema, list) else schema


def _members(request: Request) -> Iterator[Statement]:
    for name in SIMPLE:
        value = plain(getattr(request, name))
        idle = name == "parallel_tools" and not request.tools
        if value is not None and value != DEFAULTS.get(name) and not idle:
            yield Statement(name, value, request.at(name))
    wanted = request.response_format
    if wanted is not None and wanted.kind != "text":
        schema = None if wanted.schema is None else _unfolded(plain(wanted.schema), {}, 0)
        yield Statement("response format", (wanted.kind, schema), wanted.at)
    thinking = request.reasoning
    if thinking is not None:
        if thinking.effort is not None and thinking.effort != "none":
            yield Statement("effort", thinking.effort, request.paths.get("effort", thinking.at))
        if thinking.budget is not None:
            yield Statement("budget", thinking.budget, thinking.at)
        if thinking.mode == "off" or thinking.effort == "none":
            yield Statement("thinking off", True, thinking.at)
