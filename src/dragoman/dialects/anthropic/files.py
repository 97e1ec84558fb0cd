"""Where files that are told by their ids stand in a Messages request: the `source` of an image or document, in a message or in a
tool's result, and a `container_upload`."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct


class _Source(Struct):
    file_id: Any = None


class _Block(Struct):
    file_id: Any = None
    source: _Source | str | None = None
    content: "str | list[_Block | None] | dict[str, Any] | None" = None


class _Message(Struct):
    content: str | list[_Block | None] | None = None


class Conversation(Struct):
    messages: list[_Message] = []


def ids(conversation: Conversation) -> Iterator[Any]:
    for message in conversation.messages:
        yield from _inside(message.content)


def _inside(content: Any) -> Iterator[Any]:
    for block in filter(None, content if isinstance(content, list) else ()):
        yield block.file_id
        if isinstance(block.source, _Source):
            yield block.source.file_id
        yield from _inside(block.content)
