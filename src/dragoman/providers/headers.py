"""What goes to a provider and what comes back. Rule: both ways only what is listed here; never credentials,
cookies, hop-by-hop or framing names.
"""

import re
from collections.abc import Mapping

from dragoman.core.config import Target
from dragoman.core.errors import ConfigError
from dragoman.core.request import Headers
from dragoman.wire.http1 import FRAMING

_OF_THE_CONNECTION = FRAMING | {"accept-encoding", "content-encoding"}
_SET_BY_US = frozenset(("content-type",))
"""Taken in a record, as many write it there, and not sent twice."""
_CREDENTIALS = frozenset(("authorization", "x-api-key", "api-key", "x-goog-api-key", "anthropic-api-key", "openai-api-key"))
_COOKIES = frozenset(("cookie", "cookie2", "set-cookie", "set-cookie2"))
_OURS = re.compile(r"x-dragoman-")
_IN = re.compile(r"(?:anthropic-|openai-|x-goog-|x-stainless-).|(?:idempotency-key|user-agent)$")
_OUT = re.compile(
    r"(?:request-id|x-request-id|apim-request-id|x-ms-request-id|x-amzn-requestid|x-generation-id|cf-ray"
    r"|retry-after(?:-ms)?|x-should-retry"
    r"|anthropic-(?:ratelimit|priority)-.+|x-ratelimit-.+|ratelimit(?:-.+)?)$"
)
_CONTENT_IN = frozenset(("accept", "range", "if-range"))
_CONTENT_OUT = frozenset((
    "content-type", "content-length", "content-disposition", "content-language", "content-range", "accept-ranges", "etag",
    "last-modified", "x-goog-upload-url", "x-goog-upload-status", "x-goog-upload-size-received",
    "x-goog-upload-chunk-granularity",
))  # fmt: skip
"""About what is passed as it is, a file for example: what a client may want of it, and what is told of it."""
_CLIENT_WINS = frozenset(("anthropic-version", "anthropic-beta"))
"""Here a record's value is only the default."""
_TOKEN = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
_VALUE = re.compile(r"^(?:[!-~](?:[ \t!-~]*[!-~])?)?$")


def outgoing(client: Headers, target: Target, built: Headers, same_dialect: bool) -> Headers:
    """Headers of a request to the target, credentials apart, without what its host wants in the body. As `told`."""
    found = dict(told(client, target, built, same_dialect))
    host = target.quirks.host
    if host is not None:
        for name, wanted in (("anthropic-version", host.version), ("anthropic-beta", host.betas_in)):
            if wanted:
                found.pop(name, None)
    return tuple(found.items())


def told(client: Headers, target: Target, built: Headers, same_dialect: bool) -> Headers:
    """What headers say to the target. `built`: the dialect's own, defaults that all others beat.

    The client's go along only where it speaks the target's dialect.
    """
    provider = target.provider
    found = dict(built)
    clients = _forwarded(client) if same_dialect else {}
    found.update(clients)
    for name, value in provider.headers:
        lower = name.lower()
        if lower not in _SET_BY_US and not (lower in _CLIENT_WINS and lower in clients):
            found[lower] = value
    betas = target.quirks.betas
    if betas != "" and "anthropic-beta" in found:
        kept = _matching(found.pop("anthropic-beta"), betas)
        if kept != "":
            found["anthropic-beta"] = kept
    return tuple(found.items())


def incoming(provider: Headers) -> Headers:
    """The provider's headers that reach the client."""
    return tuple((name, value) for name, value in provider if _OUT.match(name) and _VALUE.match(value))


def content_asked(client: Headers, content_type: str) -> Headers:
    """What a client tells of the content that it sends, and of the one that it wants. `content_type` "": it sends none."""
    wanted = {name: value for name, value in client if name in _CONTENT_IN and _VALUE.match(value)}
    sent = {"content-type": content_type} if _VALUE.match(content_type) and content_type else {}
    return tuple({**wanted, **sent}.items())


def content_told(provider: Headers) -> Headers:
    """What a provider tells of the content that it sends."""
    return tuple({name: value for name, value in provider if name in _CONTENT_OUT and _VALUE.match(value)}.items())


def check(headers: Mapping[str, str]) -> None:
    """Raises ConfigError, one clear line, where a record's `headers` cannot be sent."""
    seen: set[str] = set()
    for name, value in headers.items():
        lower = name.lower()
        if not _TOKEN.match(name):
            raise ConfigError(f"headers: {name!r} is no header name")
        if lower in _OF_THE_CONNECTION or lower in _COOKIES:
            raise ConfigError(f"headers: {name} is refused (it belongs to the connection, not to the provider)")
        if _OURS.match(lower):
            raise ConfigError(f"headers: {name} is refused (x-dragoman-* are the gateway's own)")
        if lower in seen:
            raise ConfigError(f"headers: {name} stands there twice")
        if not _VALUE.match(value):
            raise ConfigError(f"headers: the value of {name} must be printable ASCII without spaces around it")
        seen.add(lower)


def _forwarded(client: Headers) -> dict[str, str]:
    """What a client's request hands on; values of a repeated name are joined, as HTTP has it."""
    named = {word.strip().lower() for name, value in client if name == "connection" for word in value.split(",")}
    found: dict[str, str] = {}
    for name, value in client:
        if _IN.match(name) and name not in _CREDENTIALS and name not in named:
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _matching(values: str, pattern: str) -> str:
    kept = (word.strip() for word in values.split(","))
    return ",".join(word for word in kept if re.fullmatch(pattern, word))
