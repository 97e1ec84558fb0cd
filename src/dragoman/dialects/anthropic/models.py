"""The list of models as Anthropic's clients ask for it: in pages, and with names that Claude Code keeps (2026-11).

Rule: without a `limit` the list is whole, though the vendor's has 20 names: every name that resolves, for who turns no pages.
"""

import sys
from collections.abc import Sequence
from urllib.parse import parse_qs

from msgspec.structs import replace

from dragoman.core.errors import bad_request
from dragoman.core.model import ModelName
from dragoman.dialects import catalogue

_MOST = 1000


def models(names: Sequence[ModelName], query: str) -> bytes:
    """Raises CallError (bad_request) where the query asks for no page."""
    asked = parse_qs(query)
    found, limit = _told(names), _limit(asked)
    begin = _place(found, asked, "after_id") + 1 if "after_id" in asked else 0
    end = _place(found, asked, "before_id") if "before_id" in asked else len(found)
    span = found[begin:end]
    page = span[-limit:] if "before_id" in asked else span[:limit]
    return catalogue.models(page, more=len(page) < len(span))


def _told(names: Sequence[ModelName]) -> list[ModelName]:
    """Names with Claude's first, aliases included: Claude Code keeps these only, of the first page only."""
    aliases = {
        name.alias: replace(name, id=name.alias, display_name=name.alias_name, alias="", alias_name="")
        for name in names
        if name.alias
    }
    return [*(name for name in names if not name.alias), *aliases.values(), *(name for name in names if name.alias)]


def _limit(asked: dict[str, list[str]]) -> int:
    if "limit" not in asked:
        return sys.maxsize
    return catalogue.number(asked["limit"][-1], "limit", 1, _MOST)


def _place(names: list[ModelName], asked: dict[str, list[str]], member: str) -> int:
    id_ = asked[member][-1]
    for place, name in enumerate(names):
        if name.id == id_:
            return place
    raise bad_request(f"{member}: no model of this list has that id", member)
