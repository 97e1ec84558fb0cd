"""Where files that are told by their ids stand in a Responses request: `file_id` of an `input_file` or `input_image`, in a
message or in what a tool answered, a picture of a screen too."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct


class _Part(Struct):
    file_id: Any = None


class _Item(Struct):
    content: list[_Part | str | None] | str | None = None
    output: list[_Part | str | None] | _Part | str | None = None


class Conversation(Struct):
    input: list[_Item] | str | None = None


def ids(conversation: Conversation) -> Iterator[Any]:
    for item in conversation.input if isinstance(conversation.input, list) else ():
        for parts in (item.content, item.output):
            if isinstance(parts, _Part):
                yield parts.file_id
            elif isinstance(parts, list):
                yield from (part.file_id for part in parts if isinstance(part, _Part))
