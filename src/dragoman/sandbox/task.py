"""A task in the prompt: which of the offered tools to call, in which order, and what to say at the end.

    <sandbox-task>[{"shell": {"command": "ls"}}, {"read": "a.txt", "get_weather": {"city": "Oslo"}}, "All done."]</sandbox-task>

Rule: how far it has got is told by the conversation, by the number of tool results behind it, and by nothing else.
"""

import re
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from dragoman.wire import json

_TASK = re.compile(r"<sandbox-task>(.*?)</sandbox-task>", re.DOTALL)
SHAPE = 'a task is a JSON array of {"tool": arguments} (all called at once), lists of such, and texts'


class Wanted(Struct, frozen=True):
    """A call to make. `tool`: a name, a kind, or several with `|` between them: the first that is offered."""

    tool: str
    arguments: Any


class Step(Struct, frozen=True):
    """`said` before its calls."""

    calls: tuple[Wanted, ...]
    said: str = ""


class Task(Struct, frozen=True):
    """`last`: what is said at the end, None where the task does not say."""

    steps: tuple[Step, ...]
    last: str | None = None

    def step(self, done: int) -> Step | None:
        """What is left of the step that `done` results have reached; None behind the last."""
        for step in self.steps:
            if done < len(step.calls):
                return Step(step.calls[done:], step.said if done == 0 else "")
            done -= len(step.calls)
        return None


def task_in(told: Iterable[str | None]) -> tuple[Task | None, int]:
    """The newest task and how many results came behind it. `told`, in order: texts of the user, None for a tool's result."""
    task, done = None, 0
    for text in told:
        if text is None:
            done += 1
        elif (found := _TASK.findall(text)) != []:
            task, done = read_task(found[-1]), 0
    return task, done


def read_task(text: str) -> Task:
    """What cannot be read says so: it is a task that calls nothing."""
    try:
        found = json.decode(text)
        steps = _steps(found) if isinstance(found, list) else None
    except json.JSONError as error:
        return Task((), f"The task cannot be read: {error}.")
    return Task((), f"The task cannot be read: {SHAPE}.") if steps is None else steps


def _steps(found: list[Any]) -> Task | None:
    steps, said = [], list[str]()
    for each in found:
        if isinstance(each, str):
            said.append(each)
            continue
        at_once = each if isinstance(each, list) else [each]
        if not all(isinstance(one, dict) for one in at_once) or not any(at_once):
            return None
        calls = (Wanted(tool, arguments) for one in at_once for tool, arguments in one.items())
        steps.append(Step(tuple(calls), " ".join(said)))
        said = []
    return Task(tuple(steps), " ".join(said) if said else None)
