"""A tool that takes free text, for a target that knows functions only: a function with one string argument.

Rule: what is wrapped on the way out is unwrapped in the answer, to the letter.
"""

from msgspec import Raw

from dragoman.core.request import Tool
from dragoman.wire import json

SCHEMA = Raw(
    b'{"type":"object","properties":{"input":{"type":"string","description":"The whole input, as free text."}},'
    b'"required":["input"],"additionalProperties":false}'
)


def words(tool: Tool) -> str:
    """The description of such a function: what it does, and the format that its text must have."""
    told = [tool.description or "", "The argument `input` is free text."]
    if tool.schema is not None:
        told.append(f"It must have this format: {bytes(tool.schema).decode()}")
    return "\n\n".join(each for each in told if each)


def wrapped(text: str) -> Raw:
    """The arguments of such a call."""
    return json.raw({"input": text})


def unwrapped(arguments: str) -> str:
    """The free text in the arguments of such a call; all of them where a model wrote something else."""
    try:
        found = json.decode(arguments)
    except json.JSONError:
        return arguments
    inner = found.get("input") if isinstance(found, dict) else None
    return inner if isinstance(inner, str) else arguments
