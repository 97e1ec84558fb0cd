"""The data plane in the API's documentation. Rule: its paths come from the dialects' own tables, its bodies are the vendors'."""

import re
from typing import Any

from dragoman.dialects.base import Dialect, Path
from dragoman.dialects.registry import CLIENTS

_OK = {"200": {"description": "As the dialect's own vendor answers, whole or as server-sent events."}}
_SECURITY: list[dict[str, list[str]]] = [{"Key": []}, {}]
_PASSED = {"200": {"description": "As the provider answers."}}
_BODY = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
_ANY_BODY: dict[str, Any] = {"content": {"*/*": {"schema": {}}}}
_NAMED = re.compile(r"\{(\w+)\}")
_ABOUT = (
    "Calls in the dialect a client speaks (`calls`), those that a provider gets as they are (`passed calls`), and what an "
    "operator administers (`providers`, `API keys`, `routing`). "
    "Calls need a client's key as soon as there is one; `/admin` needs `ADMIN_PASSWORD` where it is set, "
    "else it serves this machine only."
)
_LISTS = {
    "models": "Every model name that resolves, in the caller's dialect.",
    "model": "One model name that resolves, in the caller's dialect.",
}


def with_calls(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with the doors of every dialect."""
    paths = dict(document.get("paths", {}))
    for dialect in CLIENTS.values():
        for door in dialect.paths:
            if door.answer is None:
                paths.setdefault(door.pattern, {})[door.method.lower()] = _call(dialect, door)
    components = dict(document.get("components", {}))
    key = {"type": "http", "scheme": "bearer", "description": "A client's key; x-api-key, api-key and x-goog-api-key are equal."}
    components["securitySchemes"] = {**components.get("securitySchemes", {}), "Key": key}
    info = {**document.get("info", {}), "description": _ABOUT}
    return {**document, "info": info, "paths": paths, "components": components}


def _call(dialect: Dialect, door: Path) -> dict[str, Any]:
    passed = door.operation == "pass"
    told = (
        f"passed as it is to a provider that speaks {dialect.id}" if passed else f"{door.operation} in the dialect {dialect.id}"
    )
    named = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in _NAMED.findall(door.pattern)
    ]
    asked = {"requestBody": _ANY_BODY if passed else _BODY} if door.method == "POST" else {}
    return {
        "tags": ["passed calls" if passed else "calls"],
        "summary": _LISTS.get(door.operation) or told.replace("_", " "),
        "parameters": named,
        **asked,
        "responses": _PASSED if passed else _OK,
        "security": _SECURITY,
    }
