"""A body as another host than the dialect's vendor takes it: the last step before it goes out, the same in both lanes.

Rule: top-level members only, every value keeps its exact bytes; what differs is data (core.quirks.Host).
"""

import base64
from typing import Any, Final

from msgspec.structs import replace

from dragoman.core.quirks import Host, Quirks
from dragoman.core.request import Headers
from dragoman.dialects.base import Built
from dragoman.wire import json

_ASKED: Final = frozenset({"chat", "count_tokens"})
_VERSION: Final = "anthropic_version"
_COUNT_LIMIT: Final = 32000
"""A body to be counted must be one that could be answered; this limit is never reached."""


def hosted(built: Built, operation: str, headers: Headers, quirks: Quirks) -> Built:
    """The body for this host. `headers`: what would be told in headers."""
    host = quirks.host
    if host is None or operation not in _ASKED:
        return built
    body: dict[str, Any] = dict(json.members(built.body))
    wrapped = operation == "count_tokens" and host.count == "invoke-model"
    if operation == "chat" or wrapped:
        for name in host.omit:
            body.pop(name, None)
    if host.version and _VERSION not in body:
        asked = _header("anthropic-version", headers)
        body[_VERSION] = host.version.get(asked, host.version.get("", asked))
    betas = _betas(headers, host)
    if betas and host.betas_in not in body:
        body[host.betas_in] = betas
    if wrapped:
        body.setdefault("max_tokens", _COUNT_LIMIT)
        inner = base64.b64encode(json.encode(body)).decode()
        return replace(built, body=json.encode({"input": {"invokeModel": {"body": inner}}}))
    return replace(built, body=json.encode(body))


def wraps(operation: str, quirks: Quirks) -> bool:
    """What is asked and answered has another form here, so the lane cannot be Copy."""
    return operation == "count_tokens" and quirks.host is not None and quirks.host.count != ""


def _betas(headers: Headers, host: Host) -> list[str]:
    words = (word.strip() for word in _header("anthropic-beta", headers).split(","))
    return [word for word in words if word] if host.betas_in else []


def _header(name: str, headers: Headers) -> str:
    return ",".join(value for key, value in headers if key == name)
