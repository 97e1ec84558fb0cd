"""Where files that are told by their ids stand in a Chat request: `file.file_id` of a content part."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct


class _File(Struct):
    file_id: Any = None


class _Part(Struct):
    file: _File | str | None = None


class _Message(Struct):
    content: str | list[_Part | str | None] | None = None


class Conversation(Struct):
    messages: list[_Message] = []


def ids(conversation: Conversation) -> Iterator[Any]:
    for message in conversation.messages:
        for part in message.content if isinstance(message.content, list) else ():
            if isinstance(part, _Part) and isinstance(part.file, _File):
                yield part.file.file_id
