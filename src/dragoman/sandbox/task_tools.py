"""From what a task wants to a call of an offered tool: agent programs name the same tools and arguments differently.

Rule: an exact name wins over a kind; what the tool's schema does not have is left out, what it requires is there.
Names as Claude Code, Codex, Gemini CLI, opencode, Qwen Code, Cline and Continue have them (2026-11).
"""

from collections.abc import Callable, Iterable
from typing import Any

from dragoman.sandbox.schema import Sampler
from dragoman.wire import json

KINDS: dict[str, tuple[str, ...]] = {
    "shell": (
        *("Bash", "bash", "exec_command", "shell_command", "shell", "local_shell", "run_shell_command", "execute_command"),
        *("run_commands", "run_terminal_command", "execute_bash"),
    ),
    "write": ("Write", "write", "write_file", "write_to_file", "create_file", "create_new_file"),
    "read": ("Read", "read", "read_file", "view"),
    "edit": ("Edit", "edit", "replace", "edit_file", "replace_in_file", "str_replace"),
    "patch": ("apply_patch",),
    "find": ("Glob", "glob", "find_files", "list_directory", "list_files"),
    "grep": ("Grep", "grep", "search_file_content", "grep_search", "search_files"),
    "agent": ("Task", "Agent", "task", "agent", "spawn_agent"),
    "tool-search": ("ToolSearch", "tool_search"),
}
MEANINGS: tuple[tuple[str, ...], ...] = (
    ("command", "cmd", "commands"),
    ("path", "file_path", "filePath", "filepath", "absolute_path", "target_file", "filename"),
    ("content", "contents", "file_text", "text"),
    ("old", "old_string", "oldString", "old_str", "old_text"),
    ("new", "new_string", "newString", "new_str", "new_text"),
    ("patch", "input", "patchText", "diff"),
    ("pattern", "regex"),
    ("prompt", "message", "objective", "task", "instructions"),
    ("query", "q"),
)
"""Names of arguments that mean the same."""
MAIN = {
    "shell": "command",
    "read": "path",
    "patch": "patch",
    "find": "pattern",
    "grep": "pattern",
    "agent": "prompt",
    "tool-search": "query",
}
"""Kind -> what an argument that is only a text means."""


def offered(wanted: str, names: Iterable[str]) -> str | None:
    """Which of the names `wanted` means; None where none does."""
    there = list(names)
    for each in wanted.split("|"):
        words = (each, *KINDS.get(each, ()))
        found = [word for word in words if word in there] or [name for word in words for name in there if _ends_in(name, word)]
        if found:
            return found[0]
    return None


def arguments(wanted: str, name: str, given: Any, schema: Any) -> str:
    """JSON text for the function `name`."""
    sampler = Sampler(schema)
    properties = sampler.flat(schema).get("properties")
    known: dict[str, Any] = properties if isinstance(properties, dict) else {}
    filled = sampler.object({"required": [], **sampler.flat(schema)}, 0)
    meant = given if isinstance(given, dict) else {} if given is None else {_main(wanted, name, filled, known): given}
    for key, value in meant.items():
        place = named(key, known)
        if place is not None:
            filled[place] = _fitting(value, known.get(place), sampler.flat, place)
    return json.text(filled)


def free_text(given: Any) -> str:
    """The input of a tool that takes text."""
    if not isinstance(given, dict):
        return given if isinstance(given, str) else json.text(given)
    for key in (*MEANINGS[5], *MEANINGS[0]):
        if isinstance(given.get(key), str):
            return str(given[key])
    return json.text(given)


def named(key: str, known: dict[str, Any]) -> str | None:
    """The name that `known` has for an argument; any where it has none at all."""
    if key in known or not known:
        return key
    same = next((group for group in MEANINGS if key in group), ())
    return next((name for name in same if name in known), None)


def _ends_in(name: str, word: str) -> bool:
    """`mcp__server__get_weather` ends in get_weather: a namespace, or a server's name, is before it."""
    return any(name.endswith(mark + word) for mark in ("__", ".", "/", ":"))


def _main(wanted: str, name: str, filled: dict[str, Any], known: dict[str, Any]) -> str:
    kinds = [kind for kind in wanted.split("|") if kind in MAIN and name in KINDS[kind]]
    if kinds and named(MAIN[kinds[0]], known) is not None:
        return MAIN[kinds[0]]
    return next(iter((*filled, *known)), "input")


def _fitting(value: Any, schema: Any, flat: Callable[[Any], dict[str, Any]], place: str) -> Any:
    """A text where the schema wants a list of texts."""
    kind = flat(schema).get("type")
    if not isinstance(value, str) or not isinstance(kind, str) or kind.lower() != "array":
        return value
    return ["bash", "-lc", value] if place == "command" else [value]
