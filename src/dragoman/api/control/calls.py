"""The data plane in the API's documentation. Rule: its paths come from the dialects' own tables, its bodies are the vendors'."""

from typing import Any

from dragoman.dialects.base import Dialect, Path
from dragoman.dialects.registry import DIALECTS

_OK = {"200": {"description": "As the dialect's own vendor answers, whole or as server-sent events."}}
_SECURITY: list[dict[str, list[str]]] = [{"Key": []}, {}]
_BODY = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
_ABOUT = (
    "Calls in the dialect a client speaks (`calls`), and what an operator administers (`providers`, `API keys`, `routing`). "
    "Calls need a client's key as soon as there is one; `/admin` needs `ADMIN_PASSWORD` where it is set, "
    "else it serves this machine only."
)
_MODELS = "Every model name that resolves; a body that OpenAI's and Anthropic's clients both accept."


def with_calls(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with the doors of every dialect."""
    paths = dict(document.get("paths", {}))
    for dialect in DIALECTS.values():
        for door in dialect.paths:
            paths.setdefault(door.pattern, {})[door.method.lower()] = _call(dialect, door)
    paths["/v1/models"] = {"get": {"tags": ["calls"], "summary": _MODELS, "responses": _OK, "security": _SECURITY}}
    components = dict(document.get("components", {}))
    key = {"type": "http", "scheme": "bearer", "description": "A client's key; x-api-key, api-key and x-goog-api-key are equal."}
    components["securitySchemes"] = {**components.get("securitySchemes", {}), "Key": key}
    info = {**document.get("info", {}), "description": _ABOUT}
    return {**document, "info": info, "paths": paths, "components": components}


def _call(dialect: Dialect, door: Path) -> dict[str, Any]:
    summary = f"{door.operation.replace('_', ' ')} in the dialect {dialect.id}"
    return {"tags": ["calls"], "summary": summary, "requestBody": _BODY, "responses": _OK, "security": _SECURITY}
