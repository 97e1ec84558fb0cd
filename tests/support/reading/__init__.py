"""Reads providers' answers without any of our code: the judge of what a recording says. One file a dialect.

Rule: lax. Every deviation that providers are known for is read as what it means (wire documentation of each).
"""

from collections.abc import Mapping
from typing import Protocol

from support.reading import anthropic, bedrock, cohere, gemini, ollama, openai_chat, openai_responses
from support.reading.base import FAILED, BrokenError
from support.said import Said


class Reader(Protocol):
    def __call__(self, body: bytes, *, stream: bool) -> Said: ...


READERS: Mapping[str, Reader] = {
    **{"anthropic": anthropic.read, "gemini": gemini.read},
    **{"openai-responses": openai_responses.read, "openai-chat": openai_chat.read},
    **{"bedrock": bedrock.read, "ollama": ollama.read, "cohere": cohere.read},
}


def read(dialect: str, body: bytes, *, stream: bool) -> Said:
    """What the answer says. `error` is FAILED where it is an error, has no ending or cannot be read."""
    try:
        return READERS[dialect](body, stream=stream).settled()
    except (BrokenError, ValueError):
        return Said(error=FAILED)
