"""The lists of models in Google's form: names begin with `models/`. What is not known of a model is left out.

Rule: without a `pageSize` the list is whole, though the vendor's pages have 50 names: all that resolve, for who turns none.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qs

from dragoman.core.errors import bad_request
from dragoman.core.model import ModelName
from dragoman.dialects import catalogue
from dragoman.dialects.gemini.copy import MODELS
from dragoman.dialects.gemini.spelling import snake
from dragoman.wire import json

_METHODS: Final = ("generateContent", "countTokens")
_PAGE: Final = 1000
"""Names of a page, at most: who asks for more gets these (API reference, 2026-11)."""
_LARGEST: Final = 2**31 - 1


def models(names: Sequence[ModelName], query: str) -> bytes:
    """Raises CallError (bad_request) where the query asks for no page."""
    asked = parse_qs(query)
    size, token = _said(asked, "pageSize"), _said(asked, "pageToken")
    limit = 0 if size is None else min(catalogue.number(size, "pageSize", 0, _LARGEST), _PAGE)
    begin = 0 if token is None else _after(names, token)
    page = names[begin : begin + limit] if limit else names[begin:]
    told: dict[str, Any] = {"models": [_entry(name) for name in page]}
    if begin + len(page) < len(names):
        told["nextPageToken"] = _token(page[-1])
    return json.encode(told)


def _said(asked: dict[str, list[str]], member: str) -> str | None:
    """A member of the query, in either of Google's spellings."""
    found = asked.get(member) or asked.get(snake(member))
    return None if found is None else found[-1]


def _token(last: ModelName) -> str:
    """What stands for a place in the list: the name before it, so that names that come or go are no matter."""
    return base64.urlsafe_b64encode(last.id.encode()).decode().rstrip("=")


def _after(names: Sequence[ModelName], token: str) -> int:
    try:
        last = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (binascii.Error, ValueError):
        last = ""
    for place, name in enumerate(names):
        if name.id == last:
            return place + 1
    raise bad_request("pageToken: no page of this list begins there", "pageToken")


def model(name: ModelName) -> bytes:
    return json.encode(_entry(name))


def _entry(name: ModelName) -> dict[str, Any]:
    return {
        "name": MODELS + name.id.removeprefix(MODELS),
        "displayName": name.display_name,
        "description": f"Served by {name.owner}.",
        "supportedGenerationMethods": _METHODS,
    }
