"""A task in the prompt: read, found among the words that agents put around it, and followed to its end in every dialect."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.sandbox import Sandbox
from dragoman.sandbox.task import Step, Task, Wanted, read_task, task_in
from dragoman.sandbox.task_tools import arguments, free_text, offered
from dragoman.wire import json
from support.sandbox import CHAT, COHERE, DIALECTS, GEMINI, MESSAGES, OLLAMA, RESPONSES
from support.sandbox_agent import run

BASH = {
    "type": "object",
    "properties": {"command": {"type": "string"}, "description": {"type": "string"}, "timeout": {"type": "number"}},
    "required": ["command", "description"],
}
WRITE = {
    "type": "object",
    "properties": {"file_path": {"type": "string"}, "content": {"type": "string"}},
    "required": ["file_path", "content"],
    "additionalProperties": False,
}
SCHEMAS = {"Bash": BASH, "Write": WRITE}
TOOLS: dict[str, Any] = {
    CHAT: [{"type": "function", "function": {"name": name, "parameters": schema}} for name, schema in SCHEMAS.items()],
    MESSAGES: [{"name": name, "input_schema": schema} for name, schema in SCHEMAS.items()],
    RESPONSES: [{"type": "function", "name": n, "parameters": s, "strict": False} for n, s in SCHEMAS.items()],
    OLLAMA: [{"type": "function", "function": {"name": name, "parameters": schema}} for name, schema in SCHEMAS.items()],
    COHERE: [{"type": "function", "function": {"name": name, "parameters": schema}} for name, schema in SCHEMAS.items()],
    GEMINI: [{"functionDeclarations": [{"name": name, "parametersJsonSchema": s} for name, s in SCHEMAS.items()]}],
}
SHELL = ("Bash", {"command": "ls", "description": "sample description"})
WROTE = ("Write", {"file_path": "a.txt", "content": "hi\n"})


def prompt(*steps: Any, around: str = "<context>\nToday is a day.\n</context>\n\n{}\n\nBe brief.") -> str:
    return around.format(f"<sandbox-task>\n{json.text(list(steps))}\n</sandbox-task>")


@pytest.mark.parametrize("path", DIALECTS)
async def test_a_task_is_followed_to_its_end(sandbox: Sandbox, path: str) -> None:
    task = prompt(
        "First I look.", {"shell": "ls"}, {"write": {"path": "a.txt", "content": "hi\n"}, "shell": {"command": "ls"}}, "All done."
    )
    ran = await run(sandbox, path, task, TOOLS[path])
    assert ran.turns == [[SHELL], [WROTE, SHELL]]
    assert ran.said == ["First I look.", "I will call Write and Bash."]
    assert ran.last == "All done."


ONE_AT_A_TIME: dict[str, dict[str, Any]] = {
    CHAT: {"parallel_tool_calls": False},
    MESSAGES: {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
    RESPONSES: {"parallel_tool_calls": False},
}


@pytest.mark.parametrize("path", ONE_AT_A_TIME)
async def test_where_one_call_at_a_time_is_wanted_a_step_takes_several_turns(sandbox: Sandbox, path: str) -> None:
    task = prompt([{"shell": "ls"}, {"shell": "ls"}], {"write": {"path": "a.txt", "content": "hi\n"}})
    ran = await run(sandbox, path, task, TOOLS[path], **ONE_AT_A_TIME[path])
    assert (ran.turns, ran.last) == ([[SHELL], [SHELL], [WROTE]], "The task is done.")


@pytest.mark.parametrize("path", DIALECTS)
async def test_a_tool_that_is_not_there_is_told(sandbox: Sandbox, path: str) -> None:
    ran = await run(sandbox, path, prompt({"shell": "ls"}, {"teleport": {}}, "never said"), TOOLS[path])
    assert (ran.turns, ran.last) == ([[SHELL]], "No tool that is offered is called teleport.")


@pytest.mark.parametrize("path", DIALECTS)
async def test_where_no_tools_are_offered_the_end_is_said(sandbox: Sandbox, path: str) -> None:
    """Agents make side calls with the same prompt: for a title, for a summary."""
    ran = await run(sandbox, path, prompt({"shell": "ls"}, "A title"), [] if path == MESSAGES else None)
    assert (ran.turns, ran.last) == ([], "A title")


async def test_custom_tools_get_raw_text(sandbox: Sandbox) -> None:
    task = prompt({"apply_patch": "*** Begin Patch"}, {"patch": {"patch": "*** End Patch"}})
    for path, tool in (
        (CHAT, {"type": "custom", "custom": {"name": "apply_patch"}}),
        (RESPONSES, {"type": "custom", "name": "apply_patch"}),
    ):
        ran = await run(sandbox, path, task, [*TOOLS[path], tool])
        assert ran.turns == [[("apply_patch", "*** Begin Patch")], [("apply_patch", "*** End Patch")]]


async def test_a_custom_tool_told_as_a_function_gets_the_same_text(sandbox: Sandbox) -> None:
    """As a gateway offers it in dialects that have none."""
    schema = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
    tools = [{"name": "apply_patch", "input_schema": schema}]
    ran = await run(sandbox, MESSAGES, prompt({"patch": "x"}, {"apply_patch": {"input": "y"}}), tools)
    assert ran.turns == [[("apply_patch", {"input": "x"})], [("apply_patch", {"input": "y"})]]


async def test_tools_in_namespaces_and_tools_that_are_found(sandbox: Sandbox) -> None:
    look = {
        "type": "function",
        "name": "look",
        "strict": False,
        "parameters": {"type": "object", "properties": {"q": {"type": "string"}}},
    }
    tools = [{"type": "tool_search", "execution": "client"}, {"type": "namespace", "name": "mcp__box", "tools": [look]}]
    task = prompt({"look": {"query": "x"}}, {"mcp__box__look": {}}, {"tool_search": "weather"}, {"found": {"a": "b"}}, "End.")
    ran = await run(sandbox, RESPONSES, task, tools)
    assert ran.turns == [
        [("mcp__box/look", {"q": "x"})],
        [("mcp__box/look", {})],
        [("tool_search", {"query": "weather"})],
        [("mcp__late/found", {"a": "b"})],
    ]
    assert ran.last == "End."


async def test_the_end_fits_a_schema_where_the_task_does_not_say(sandbox: Sandbox) -> None:
    form = {"format": {"type": "json_schema", "name": "x", "schema": {"type": "object", "properties": {"a": {"const": 1}}}}}
    assert (await run(sandbox, RESPONSES, prompt({"shell": "ls"}), TOOLS[RESPONSES], text=form)).last == '{"a":1}'
    assert (await run(sandbox, RESPONSES, prompt({"shell": "ls"}, "x"), TOOLS[RESPONSES], text=form)).last == "x"


def test_the_newest_task_counts_and_only_what_came_behind_it() -> None:
    first, second = prompt({"a": 1}, around="{}"), prompt({"b": 2}, {"c": 3}, around="before {} behind")
    assert task_in([None, first, None, "a reminder", None]) == (Task((Step((Wanted("a", 1),)),)), 2)
    task, done = task_in([first, None, None, second, "a reminder", None])
    assert (task and task.step(done), done) == (Step((Wanted("c", 3),)), 1)
    assert task_in(["no task", None])[0] is None


def test_a_task_inside_a_task_is_not_its_end() -> None:
    """As for a sub-agent: JSON can escape the slash of the inner end."""
    inner = '<sandbox-task>[{"shell": "ls"}]<\\/sandbox-task>'
    task, _ = task_in(
        [f'<sandbox-task>[{{"agent": {{"prompt": "{inner.replace(chr(34), chr(92) + chr(34))}"}}}}]</sandbox-task>']
    )
    assert task is not None
    assert task_in([task.steps[0].calls[0].arguments["prompt"]])[0] == Task((Step((Wanted("shell", "ls"),)),))


@pytest.mark.parametrize("text", ["", "{}", "[1]", "[[]]", "[{}]", '[[{"a": 1}, 2]]', "[null]", "[", '"x"'])
def test_what_is_no_task_says_so(text: str) -> None:
    found = read_task(text)
    assert found.steps == ()
    assert str(found.last).startswith("The task cannot be read: ")


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), max_size=5), st.integers(0, 30))
def test_results_tell_how_far_it_got(sizes: list[int], done: int) -> None:
    """Every call is wanted once, in order, whatever the number of results that come at once."""
    names = [f"{step}.{call}" for step, size in enumerate(sizes) for call in range(size)]
    steps = iter(names)
    task = Task(tuple(Step(tuple(Wanted(next(steps), None) for _ in range(size))) for size in sizes))
    step = task.step(done)
    assert [call.tool for call in step.calls][:1] == names[done : done + 1] if step is not None else done >= len(names)


@pytest.mark.parametrize(
    ("wanted", "names", "found"),
    [
        ("Bash", ["bash", "Bash"], "Bash"),
        ("shell", ["write_file", "run_shell_command"], "run_shell_command"),
        ("patch|shell", ["exec_command"], "exec_command"),
        ("patch|shell", ["exec_command", "apply_patch"], "apply_patch"),
        ("get_weather", ["mcp__box__get_weather"], "mcp__box__get_weather"),
        ("get_weather", ["box.get_weather", "get_weather"], "get_weather"),
        ("weather", ["get_weather"], None),
        ("read", ["mcp__files__read", "Read"], "Read"),
        ("read", ["mcp__files__read_file", "write"], "mcp__files__read_file"),
        ("shell", [], None),
    ],
)
def test_which_tool_is_meant(wanted: str, names: list[str], found: str | None) -> None:
    assert offered(wanted, names) == found


@pytest.mark.parametrize(
    ("wanted", "given_", "schema", "made"),
    [
        ("shell", "ls", BASH, {"command": "ls", "description": "sample description"}),
        ("shell", {"cmd": "ls", "description": "x", "unknown": 1}, BASH, {"command": "ls", "description": "x"}),
        (
            "shell",
            "ls",
            {"properties": {"command": {"type": "array", "items": {"type": "string"}}}},
            {"command": ["bash", "-lc", "ls"]},
        ),
        ("read", {"path": "a"}, {"properties": {"files": {"type": "array"}, "filePath": {"type": "STRING"}}}, {"filePath": "a"}),
        ("x", "y", {"properties": {"a": {"type": "string"}, "b": {"type": "array"}}, "required": ["b"]}, {"b": ["y"]}),
        ("x", {"anything": 1}, {"type": "object"}, {"anything": 1}),
        ("x", None, {"properties": {"a": {"type": "string"}}}, {}),
        ("x", {"a": 1}, {"$ref": "#/$defs/o", "$defs": {"o": {"type": "object", "properties": {"a": {}}}}}, {"a": 1}),
        ("x", {}, None, {}),
    ],
)
def test_which_arguments_are_meant(wanted: str, given_: Any, schema: Any, made: Any) -> None:
    assert json.decode(arguments(wanted, "Bash", given_, schema)) == made


@pytest.mark.parametrize(
    ("given_", "text"), [("x", "x"), ({"input": "x"}, "x"), ({"command": "x", "other": 1}, "x"), ({"a": 1}, '{"a":1}'), (1, "1")]
)
def test_which_text_is_meant(given_: Any, text: str) -> None:
    assert free_text(given_) == text
