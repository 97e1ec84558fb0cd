"""One body for the list of models that clients of OpenAI and of Anthropic both accept: neither knows whom it asks."""

from collections.abc import Sequence
from datetime import UTC, datetime

from dragoman.core.errors import bad_request
from dragoman.core.model import ModelName
from dragoman.wire import json

_DIGITS = 10
"""Of a number in a query; a longer one is none that anybody means."""


def number(text: str, member: str, least: int, most: int) -> int:
    """A whole number of a query. Raises CallError (bad_request) where it is none of them."""
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else -1
    if not least <= found <= most:
        raise bad_request(f"{member}: a whole number from {least} to {most} is expected", member)
    return found


def models(names: Sequence[ModelName], *, more: bool = False) -> bytes:
    """`more`: there are others in that direction of the list."""
    ends = (names[0].id, names[-1].id) if names else (None, None)
    told = {"object": "list", "data": [_entry(name) for name in names], "has_more": more}
    return json.encode({**told, "first_id": ends[0], "last_id": ends[1]})


def model(name: ModelName) -> bytes:
    return json.encode(_entry(name))


def _entry(name: ModelName) -> dict[str, object]:
    """OpenAI's members, then Anthropic's."""
    return {
        "id": name.id,
        "object": "model",
        "created": name.created,
        "owned_by": name.owner,
        "type": "model",
        "display_name": name.display_name,
        "created_at": datetime.fromtimestamp(name.created, UTC).isoformat().replace("+00:00", "Z"),
    }
