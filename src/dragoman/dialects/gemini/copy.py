"""The Copy lane, and where a target is asked. Rule: model, method and framing stand in the URL, so a body goes on as it came, but
for the rare member that names the model once more.
"""

from typing import Any, Final

from msgspec import Raw
from msgspec.structs import replace

from dragoman.core.config import Target
from dragoman.core.request import Envelope
from dragoman.dialects.base import Built
from dragoman.dialects.endpoints import url_of
from dragoman.dialects.gemini.parse import ARRAY
from dragoman.dialects.gemini.proofs import SEALED
from dragoman.wire import json

MODELS: Final = "models/"
_WRAPPED: Final = ("generateContentRequest", "generate_content_request")
_MODEL: Final = b'"model"'


def endpoint(target: Target, operation: str, stream: bool, framing: str = "") -> str:
    """AI Studio's URL below a version, Vertex's below a publisher; a base or path with `{model}` says where the model stands."""
    method = "countTokens" if operation == "count_tokens" else "streamGenerateContent" if stream else "generateContent"
    known = replace(target, model=target.model.removeprefix(MODELS)) if target.model.startswith(MODELS) else target
    if "{model}" in target.base and not target.path:
        url = url_of(known, target.base, f":{method}", safe="/:@")
    else:
        url = url_of(known, _usual(known.model), f":{method}", safe="/:@")
    if not stream or framing == ARRAY:
        return url
    return f"{url}{'&' if '?' in url else '?'}alt=sse"


def retarget(envelope: Envelope, target: Target) -> Built:
    body = envelope.body
    if envelope.model == target.model or _MODEL not in body:
        return Built(body=body)
    members: dict[str, Any] = dict(json.members(body))
    name = json.raw(MODELS + target.model.removeprefix(MODELS))
    changed = _named(members, name)
    for wrapped in _WRAPPED:
        if wrapped in members and json.is_object(members[wrapped]):
            inner: dict[str, Any] = dict(json.members(members[wrapped]))
            if _named(inner, name):
                members[wrapped], changed = inner, True
    return Built(body=json.encode(members) if changed else body)


def copyable(envelope: Envelope) -> bool:
    """No seal of ours stands in a signature: the relay's own search does not see it through base64."""
    return SEALED.search(envelope.body) is None


def _usual(model: str) -> str:
    """A model that is none of Google's own says where it stands itself (`tunedModels/...`)."""
    return "/{model}" if model.startswith("tunedModels/") else "/models/{model}"


def _named(members: dict[str, Any], name: Raw) -> bool:
    if "model" not in members or json.is_null(members["model"]):
        return False
    members["model"] = name
    return True
