"""Any form of a base URL -> where each dialect is spoken. Rule: the URL that is asked, given back as base URL,
asks the same URL again.

A base URL may be a bare host, end in a version, in a dialect's own tail (`/v1beta/openai`), or be a whole endpoint
(`/v1/messages`). What is put together is `origin + root + tail`, and the dialect appends its own path to that.
"""

import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from dragoman.core.errors import ConfigError
from dragoman.providers.presets import PRESETS
from dragoman.providers.row import Preset

_ENDPOINTS = (
    (re.compile(r"/chat/completions$"), "openai-chat"),
    (re.compile(r"/messages(?:/count_tokens)?$"), "anthropic"),
    (re.compile(r"/responses$"), "openai-responses"),
    (re.compile(r"(?<=/v2)/chat$"), "cohere"),
    (re.compile(r"/api/chat$"), "ollama"),
    (re.compile(r"/models/[^/]+:(?:streamGenerateContent|generateContent|countTokens)$"), "gemini"),
)
_VERSION = re.compile(r"/v\d+(?:(?:alpha|beta)\d*)?$")
_TAILS = {"openai-chat": "/v1", "openai-responses": "/v1", "anthropic": "", "gemini": "/v1beta", "ollama": "", "cohere": "/v2"}
"""Where a dialect stands on a server that no row knows."""
_VERSIONED = frozenset({"openai-chat", "openai-responses", "gemini", "cohere"})
"""Dialects whose base ends in a version; the others append it themselves."""
_AS_GIVEN = frozenset({"openai-chat", "openai-responses"})
"""Dialects whose official clients append their path to any base."""
_HOST = re.compile(r"^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\])$", re.IGNORECASE)
_PLAIN = re.compile(r"^[!-~]+$")


class Address(Struct, frozen=True):
    """`base`: what the dialect appends its path to. `path`: a whole URL in its place. `query`: goes with every call."""

    base: str
    path: str = ""
    query: str = ""


class Place(Struct, frozen=True, kw_only=True):
    """A base URL, taken apart. `given`: its path without an endpoint. `tail`: the known end of it, `root` what is before.

    `owners`: the dialects that such a tail says; () where it says nothing. `endpoint`: the dialect of a whole endpoint.
    `below`: all of the path belongs to the root.
    """

    origin: str
    host: str
    given: str
    root: str
    tail: str
    owners: tuple[str, ...]
    endpoint: str
    endpoint_path: str
    query: str
    home: bool
    below: bool = False


def check(base_url: str) -> None:
    """Raises ConfigError, one clear line, where this is no URL of a provider."""
    if not _PLAIN.match(base_url) or "\\" in base_url:
        raise ConfigError("base_url: only printable ASCII without spaces or backslashes is a URL")
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"base_url: {error}") from None
    if parts.scheme not in ("http", "https"):
        raise ConfigError(f"base_url: only http:// and https:// are taken, not {parts.scheme or base_url!r}")
    if "@" in parts.netloc:
        raise ConfigError("base_url: a user name or password in the URL is refused; put the key into api_key")
    if parts.hostname is None or not _HOST.match(_bracketed(parts)) or port == 0:
        raise ConfigError(f"base_url: {parts.netloc!r} is no host")
    if parts.fragment != "" or base_url.endswith("#"):
        raise ConfigError("base_url: a fragment (#...) is never sent to a provider")


def dialects_at(preset: Preset, base_url: str) -> tuple[str, ...]:
    """The dialects spoken there, in order of preference.

    At another host than the vendor's own: what the end of the URL says, else the main one and what is spoken everywhere.
    """
    place = take_apart(preset.id, base_url)
    every = tuple(preset.speaks)
    if (place.home or preset.anywhere) and not preset.url_decides and place.endpoint in ("", *every):
        return every
    if place.endpoint != "":
        picked: tuple[str, ...] = preset.mains if place.endpoint in preset.mains else (place.endpoint,)
    elif place.home and not place.owners:
        picked = every
    elif place.owners:
        picked = preset.mains if preset.main in place.owners and not place.home else place.owners
    else:
        picked = preset.mains
    firm = [dialect for dialect in picked if dialect not in preset.speaks or not preset.speaks[dialect].spare]
    return (*picked, *(d for d in every if preset.speaks[d].spare and d not in picked)) if firm else picked


@lru_cache(maxsize=4096)
def address(preset_id: str, base_url: str, dialect: str) -> Address:
    """Where `dialect` is spoken at the provider behind `base_url`."""
    preset, place = PRESETS[preset_id], take_apart(preset_id, base_url)
    if place.endpoint == dialect:
        return _of_endpoint(place, dialect)
    return Address(place.origin + _path(preset, place, dialect), query=place.query)


@lru_cache(maxsize=4096)
def take_apart(preset_id: str, base_url: str) -> Place:
    """Raises ConfigError where `base_url` is no URL."""
    check(base_url)
    preset, parts = PRESETS[preset_id], urlsplit(base_url)
    path, endpoint = _without_endpoint(parts.path.rstrip("/"))
    endpoint_path = path
    if endpoint == "anthropic":
        path = path.removesuffix("/v1")
    below = any(form.below and re.search(f"(?:{form.end})$", path) for form in preset.forms)
    given, root, tail, owners, query = (path, path, "", (), parts.query) if below else _match(preset, path, parts.query)
    host = parts.netloc.lower()
    home = preset.at_home(host)
    if home and root == "" and not path.startswith(preset.root_path or "\n"):
        root = preset.root_path
    return Place(
        origin=f"{parts.scheme}://{host}",
        host=host,
        given=given,
        root=root,
        tail=tail,
        owners=owners,
        endpoint=endpoint,
        endpoint_path=endpoint_path,
        query=query,
        home=home,
        below=below,
    )


def _bracketed(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host


def _without_endpoint(path: str) -> tuple[str, str]:
    for pattern, dialect in _ENDPOINTS:
        found = pattern.search(path)
        if found is not None:
            return path[: found.start()], dialect
    return path, ""


def _match(preset: Preset, path: str, query: str) -> tuple[str, str, str, tuple[str, ...], str]:
    """(path as it is used, root, tail, owners, query) by the row's forms, its dialects' tails, or a version."""
    for form in preset.forms:
        found = re.search(f"(?:{form.end})$", path)
        if found is not None and re.search(form.when, query):
            tail = found.group() if form.to is None else form.to
            root = path[: found.start()]
            return root + tail, root, tail, form.dialects, _with(query, form.query)
    version = _VERSION.search(path)
    bare = path if version is None else path[: version.start()]
    for tail in sorted({speaks.tail for speaks in preset.speaks.values()} - {""}, key=len, reverse=True):
        owners = tuple(dialect for dialect, speaks in preset.speaks.items() if speaks.tail == tail)
        if path.endswith(tail):
            return path, path[: -len(tail)], tail, owners, query
        if bare.endswith(tail) and owners == ("anthropic",):
            return bare, bare[: -len(tail)], tail, owners, query
    return path, bare, "" if version is None else version.group(), (), query


def _of_endpoint(place: Place, dialect: str) -> Address:
    if dialect != "anthropic":
        return Address(place.origin + (place.given if dialect in place.owners else place.endpoint_path), query=place.query)
    if place.endpoint_path.endswith("/v1"):
        return Address(place.origin + place.endpoint_path.removesuffix("/v1"), query=place.query)
    base = place.origin + place.endpoint_path
    return Address(base, f"{base}/messages", place.query)


def _path(preset: Preset, place: Place, dialect: str) -> str:
    speaks = preset.speaks.get(dialect)
    tail = _TAILS.get(dialect, "") if speaks is None else speaks.tail
    if dialect in place.owners:
        return place.given
    if not place.owners and place.tail != "" and dialect in _VERSIONED:
        return place.root + place.tail
    foreign_path = place.root not in ("", preset.root_path) and place.tail == "" and not place.below
    if foreign_path and not place.owners and dialect in _AS_GIVEN and not preset.local:
        return place.root
    return place.root + tail


def _with(query: str, default: str) -> str:
    """`query` with `default` added where it lacks that name."""
    name = default.partition("=")[0]
    if default == "" or any(pair.partition("=")[0] == name for pair in query.split("&")):
        return query
    return f"{query}&{default}" if query else default


def points_at(base_url: str, host: str, port: int) -> bool:
    """The URL leads back to a server that listens on `host`:`port`, as far as names alone can tell."""
    parts = urlsplit(base_url)
    there = (parts.hostname or "").rstrip(".").lower()
    if (parts.port or {"http": 80, "https": 443}.get(parts.scheme)) != port:
        return False
    here = host.strip("[]").lower()
    if here in ("", "0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
        return _is_loopback(there) or there in ("0.0.0.0", "::")  # noqa: S104
    return there == here or (_is_loopback(there) and _is_loopback(here))


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1", "0.0.0.0", "::") or host.endswith(".localhost") or host.startswith("127.")  # noqa: S104
