"""A provider's models answer -> models, in the six shapes that exist. Rule: read leniently; an entry without an id is left out.

`page` tells how to ask for more where the answer is not all.
"""

import re
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from dragoman.core.config import Provider
from dragoman.core.errors import ConfigError
from dragoman.providers import urls
from dragoman.providers.presets import preset_of
from dragoman.providers.row import Listing
from dragoman.providers.targets import dialects_of
from dragoman.wire import json

_PATHS: dict[Listing, str] = {
    "openai": "/models",
    "anthropic": "/v1/models?limit=1000",
    "gemini": "/models?pageSize=1000",
    "ollama": "/api/tags",
    "cohere": "/v1/models?endpoint=chat&page_size=1000",
    "github": "/catalog/models",
    "bedrock": "/foundation-models",
}
_DIALECTS: dict[Listing, str] = {
    "openai": "openai-chat",
    "anthropic": "anthropic",
    "gemini": "gemini",
    "ollama": "ollama",
    "bedrock": "bedrock",
    "cohere": "cohere",
}
_RUNTIME = re.compile(r"^(https?://(?:[^/]*\.)?)bedrock-runtime(?=[.-])")
"""Where Bedrock is asked; its lists are at the control plane (ListFoundationModels)."""
_AT_THE_HOST = frozenset({"github", "cohere"})
"""Lists that stand apart from where the dialect is spoken."""


class Listed(Struct, frozen=True, kw_only=True):
    """One model. `created`: Unix seconds or an RFC 3339 time, as told; None where not told."""

    id: str
    display_name: str = ""
    created: int | str | None = None
    owner: str = ""


class Catalogue(Struct, frozen=True, kw_only=True):
    """One page. `page`: what to add to the URL's query for the next one, "" where this was the last."""

    models: tuple[Listed, ...]
    page: str = ""


class Where(Struct, frozen=True):
    """How to ask a provider for its models. `dialect`: whose credentials are sent."""

    kind: Listing
    url: str
    dialect: str


def where(provider: Provider) -> Where:
    """The provider's own list: in its native form where its URL is native, else the form of the dialect that it speaks."""
    preset = preset_of(provider.provider_type, provider.name, provider.base_url)
    spoken = dialects_of(provider)
    kind = preset.listing
    if kind not in ("github", "ollama") and _DIALECTS[kind] not in spoken:
        kind = next((listing for listing, dialect in _DIALECTS.items() if dialect in spoken), "openai")
    dialect = _DIALECTS.get(kind, "openai-chat")
    address = urls.address(preset.id, provider.base_url, dialect)
    base = urls.take_apart(preset.id, provider.base_url).origin if kind in _AT_THE_HOST else address.base
    base = base.removesuffix("/deployments/{model}")
    if kind == "bedrock":
        base = _RUNTIME.sub(r"\1bedrock", base)
    path = _PATHS[kind]
    if address.query != "":
        path += ("&" if "?" in path else "?") + address.query
    return Where(kind, base + path, dialect)


def read(kind: Listing, body: bytes) -> Catalogue:
    """The models in an answer of this kind. Raises ConfigError where it is no list of models."""
    try:
        answer = json.decode(body)
    except json.JSONError:
        raise ConfigError("the provider's list of models is not JSON") from None
    rows = _rows(answer)
    if rows is None:
        raise ConfigError("the provider's answer holds no list of models")
    found: dict[str, Listed] = {}
    for row in rows:
        model = _listed(kind, row)
        if model is not None:
            found.setdefault(model.id, model)
    return Catalogue(models=tuple(found.values()), page=_next(kind, answer))


def _rows(answer: Any) -> list[Any] | None:
    """The list: the answer itself (Together, GitHub), or under `data` or `models`."""
    if isinstance(answer, list):
        return answer
    if isinstance(answer, dict):
        for name in ("data", "models", "modelSummaries"):
            if isinstance(answer.get(name), list):
                rows: list[Any] = answer[name]
                return rows
    return None


def _listed(kind: Listing, row: Any) -> Listed | None:
    if isinstance(row, str):
        return Listed(id=row) if row != "" else None
    if not isinstance(row, dict) or not _chats(row):
        return None
    id_ = next((row[name] for name in ("id", "modelId", "model", "name") if isinstance(row.get(name), str) and row[name]), "")
    if kind == "gemini":
        id_ = id_.removeprefix("models/")
    if id_ == "":
        return None
    display = next(
        (row[name] for name in ("display_name", "displayName", "modelName", "name") if isinstance(row.get(name), str)), ""
    )
    created = next((row[name] for name in ("created", "created_at", "modified_at") if _is_time(row.get(name))), None)
    owner = next(
        (row[name] for name in ("owned_by", "publisher", "providerName", "organization") if isinstance(row.get(name), str)), ""
    )
    return Listed(id=id_, display_name="" if display.removeprefix("models/") == id_ else display, created=created, owner=owner)


def _chats(row: dict[str, Any]) -> bool:
    """False only for a model that says it cannot generate content (Gemini and Bedrock list embedders, too)."""
    modes = row.get("outputModalities")
    if isinstance(modes, list) and modes and "TEXT" not in modes:
        return False
    methods = row.get("supportedGenerationMethods", row.get("supportedActions"))
    return not isinstance(methods, list) or "generateContent" in methods


def _is_time(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def _next(kind: Listing, answer: Any) -> str:
    if not isinstance(answer, dict):
        return ""
    if kind == "gemini" and isinstance(answer.get("nextPageToken"), str) and answer["nextPageToken"]:
        return f"pageToken={quote(answer['nextPageToken'], safe='')}"
    if kind == "anthropic" and answer.get("has_more") is True and isinstance(answer.get("last_id"), str):
        return f"after_id={quote(answer['last_id'], safe='')}"
    if kind == "cohere" and isinstance(answer.get("next_page_token"), str) and answer["next_page_token"]:
        return f"page_token={quote(answer['next_page_token'], safe='')}"
    return ""
