"""Tools of this dialect that the client runs itself, and that have an item of their own instead of a function call.

Rule: each is a function elsewhere, and its call comes back as its own item. Only what would not fit into such an item comes back
as a function call.
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Raw, Struct

from dragoman.core.parts import Opaque
from dragoman.core.request import Tool
from dragoman.dialects.openai_responses.facts import ID
from dragoman.dialects.openai_responses.naming import Names
from dragoman.wire import json
from dragoman.wire.json import Members


class Native(Struct, frozen=True, kw_only=True):
    """`call`, `output`: types of its items; ids of calls begin with `prefix`. `member`: where the arguments stand in a call;
    `result`: where the answer stands in an output, and whether it is told by its JSON text."""

    tool: str
    call: str
    output: str
    prefix: str
    member: str
    result: tuple[str, bool] = ("output", False)
    description: str
    schema: Raw
    fits: Callable[[dict[str, Any]], bool]


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _is_patch(told: dict[str, Any]) -> bool:
    kind, path, diff = told.get("type"), told.get("path"), told.get("diff")
    return isinstance(path, str) and (kind == "delete_file" or (kind in ("create_file", "update_file") and isinstance(diff, str)))


_TEXT: Any = {"type": "string"}
_NUMBER: Any = {"type": "integer"}
_WORDS: Any = {"type": "array", "items": _TEXT}


def _schema(required: list[str], **properties: Any) -> Raw:
    return json.raw({"type": "object", "properties": properties, "required": required})


# OpenAI's guides to local shell, shell, apply patch and tool search (2026-11).
_ALL = (
    Native(
        tool="local_shell",
        call="local_shell_call",
        output="local_shell_call_output",
        prefix="lsh_",
        member="action",
        description="Runs one command on the user's machine and returns its output.",
        schema=_schema(
            ["command"],
            command={**_WORDS, "description": "The program and its arguments."},
            env={"type": "object", "additionalProperties": _TEXT},
            timeout_ms=_NUMBER,
            user=_TEXT,
            working_directory=_TEXT,
        ),
        fits=lambda told: _is_words(told.get("command")),
    ),
    Native(
        tool="shell",
        call="shell_call",
        output="shell_call_output",
        prefix="sh_",
        member="action",
        result=("output", True),
        description="Runs shell commands on the user's machine and returns what each of them wrote.",
        schema=_schema(
            ["commands"],
            commands={**_WORDS, "description": "One command line each."},
            timeout_ms=_NUMBER,
            max_output_length=_NUMBER,
        ),
        fits=lambda told: _is_words(told.get("commands")),
    ),
    Native(
        tool="apply_patch",
        call="apply_patch_call",
        output="apply_patch_call_output",
        prefix="apc_",
        member="operation",
        description="Creates, changes or deletes one file of the user's. A diff is in the V4A format: lines that begin with `+`, "
        "`-` or a blank, in hunks that begin with `@@`.",
        schema=_schema(
            ["type", "path"],
            type={**_TEXT, "enum": ["create_file", "update_file", "delete_file"]},
            path=_TEXT,
            diff={**_TEXT, "description": "Not for delete_file."},
        ),
        fits=_is_patch,
    ),
    Native(
        tool="tool_search",
        call="tool_search_call",
        output="tool_search_output",
        prefix="tsc_",
        member="arguments",
        result=("tools", True),
        description="Finds further tools. Those that are found can be called from the next turn on.",
        schema=_schema(["query"], query={**_TEXT, "description": "What the tool shall do."}),
        fits=lambda told: True,
    ),
)
NATIVES: Mapping[str, Native] = {native.tool: native for native in _ALL}
BY_CALL: Mapping[str, Native] = {native.call: native for native in NATIVES.values()}
BY_OUTPUT: Mapping[str, Native] = {native.output: native for native in NATIVES.values()}
_EXEC = Raw(b'"exec"')


def offered(native: Native, raw: Raw, at: str, names: Names) -> list[Tool | Opaque]:
    """The tool as it stood, and the function that it is elsewhere; one that runs at the vendor stands alone."""
    tool = Members(raw, at)
    place = _at_the_vendor(native, tool)
    if place is not None:
        return [Opaque(dialect=ID, kind=f"{native.tool} ({place})", raw=raw, at=at)]
    function = Tool(
        name=names.of(None, native.tool),
        description=tool.take("description", str) or native.description,
        schema=tool.take_raw("parameters") or native.schema,
        extras={"type": json.raw(native.tool)},
        at=at,
    )
    return [Opaque(dialect=ID, kind=native.tool, raw=raw, at=at), function]


def _at_the_vendor(native: Native, tool: Members) -> str | None:
    """Where the vendor runs it; None where the client does."""
    if native.tool == "tool_search":
        place = tool.take("execution", str) or "server"
        return None if place == "client" else place
    environment = tool.take_object("environment")
    kind = environment.word("type") if environment is not None else None
    return kind if kind is not None and kind.startswith("container") else None


def take_arguments(native: Native, call: Members) -> str:
    """Takes what the tool is called with, as JSON text."""
    raw = call.take_raw(native.member)
    if raw is None:
        return "{}"
    if native.tool == "local_shell" and json.is_object(raw):
        told = json.members(raw)
        if told.get("type") == _EXEC:
            return json.text({name: value for name, value in told.items() if name != "type"})
    return bytes(raw).decode()


def called(native: Native, arguments: str) -> dict[str, Any] | None:
    """The member of a call item that holds these arguments; None where they do not fit."""
    try:
        told = json.decode(arguments or "{}")
    except json.JSONError:
        return None
    return {native.member: _action(native, arguments or "{}")} if isinstance(told, dict) and native.fits(told) else None


def called_before(native: Native, arguments: str) -> dict[str, Any]:
    """The same, of a call that the client itself told."""
    return {native.member: _action(native, arguments)}


def _action(native: Native, arguments: str) -> Any:
    raw = Raw(arguments.encode())
    if native.tool != "local_shell" or not json.is_object(raw):
        return raw
    told = json.members(raw)
    return raw if "type" in told else {"type": _EXEC, **told, **({} if "env" in told else {"env": {}})}
