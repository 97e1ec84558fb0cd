"""What a provider or a key may be. Rule: a value is checked when it is written, whoever writes it (admin API, CLI), and a message
names the field and never repeats a secret."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from dragoman.core.errors import ConfigError
from dragoman.providers import headers, quirks, urls
from dragoman.store.errors import InvalidError
from dragoman.wire import json

PRIORITIES = (0, 1_000_000)
TIMEOUTS = (0.001, 86_400.0)
NAME_MAX, MODEL_MAX, URL_MAX, SECRET_MAX, TEXT_MAX = 100, 300, 2_000, 10_000, 2_000
MOMENT_MAX = 253_402_300_000.0
"""Shortly before the end of the year 9999, the last that can be written."""
MODELS_MAX, HEADERS_MAX = 5_000, 50

_DIALECT = re.compile(r"[a-z][a-z0-9-]{0,39}")
_TYPE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\ufeff")


def provider_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields of a provider, each checked and in its one spelling. Raises InvalidError."""
    return {field: PROVIDER_FIELDS[field](field, value) for field, value in values.items()}


def key_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields of a client's key. Raises InvalidError."""
    return {field: KEY_FIELDS[field](field, value) for field, value in values.items()}


def name_key(name: str) -> str:
    """Two names are the same when these are: case and Unicode spelling do not tell providers apart."""
    return unicodedata.normalize("NFKC", name).casefold()


def _name(field: str, value: str) -> str:
    text = unicodedata.normalize("NFC", _line(field, value, NAME_MAX).strip())
    if text == "":
        raise InvalidError(field, "must not be empty")
    return text


def _provider_type(field: str, value: str) -> str:
    text = value.strip().lower().replace(" ", "-")
    if not _TYPE.fullmatch(text):
        raise InvalidError(field, "must be a word such as openai, azure, anthropic, gemini, mistral or custom")
    return text


def _base_url(field: str, value: str) -> str:
    """As given, but for white space around it: what it means is decided where it is used."""
    text = _line(field, value.strip(), URL_MAX)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise InvalidError(field, "is not a URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or " " in text:
        raise InvalidError(field, "must be a URL such as https://api.example.com/v1")
    if parts.username is not None or parts.password is not None:
        raise InvalidError(field, "must not hold a user name or password: the secret goes into api_key")
    try:
        urls.check(text)
    except ConfigError:
        # Not with its words: they repeat parts of what may be a key in the wrong field.
        raise InvalidError(field, "must be a URL such as https://api.example.com/v1") from None
    return text


def _api_key(field: str, value: str) -> str:
    text = value.strip()
    if text.startswith("{"):
        text = _one_line(text)
    if len(text) > SECRET_MAX or not text.isprintable() or not text.isascii():
        raise InvalidError(field, "must be one line of ASCII")
    return text


def _one_line(text: str) -> str:
    """The JSON of a cloud's key file as one line, as it may be pasted over many."""
    try:
        return json.compact(text.encode()).decode()
    except (json.JSONError, UnicodeEncodeError):
        return text


def _model(field: str, value: str) -> str:
    return _line(field, value.strip(), MODEL_MAX)


def _models(field: str, value: list[str]) -> list[str]:
    if len(value) > MODELS_MAX:
        raise InvalidError(field, f"at most {MODELS_MAX} models")
    return list(dict.fromkeys(model for item in value if (model := _model(field, item)) != ""))


def _priority(field: str, value: int) -> int:
    low, high = PRIORITIES
    if not low <= value <= high:
        raise InvalidError(field, f"must be between {low} and {high} (lower is tried first)")
    return value


def _timeout(field: str, value: float) -> float:
    low, high = TIMEOUTS
    if not low <= value <= high:
        raise InvalidError(field, f"must be seconds, more than 0 and at most {high:g}")
    return float(value)


def _headers(field: str, value: Mapping[str, str]) -> dict[str, str]:
    if len(value) > HEADERS_MAX:
        raise InvalidError(field, f"at most {HEADERS_MAX} headers")
    if any(len(name) > NAME_MAX or len(text) > TEXT_MAX for name, text in value.items()):
        raise InvalidError(field, f"names of at most {NAME_MAX} and values of at most {TEXT_MAX} characters")
    given = {name.strip(): text.strip() for name, text in value.items()}
    _allowed(field, lambda: headers.check(given))
    return given


def _dialects(field: str, value: list[str] | Mapping[str, str]) -> dict[str, str]:
    paths = dict(value) if isinstance(value, Mapping) else dict.fromkeys(value, "")
    for dialect, path in paths.items():
        if not _DIALECT.fullmatch(dialect):
            raise InvalidError(field, f"{dialect[:40]!r} is not a dialect id such as openai-chat or anthropic")
        if path.startswith("/"):
            _line(f"{field}.{dialect}", path, URL_MAX)
        elif path != "":
            _base_url(f"{field}.{dialect}", path)
    return paths


def _overrides(field: str, value: Mapping[str, Any]) -> dict[str, Any]:
    _allowed(field, lambda: quirks.check(value))
    return dict(value)


def _allowed(field: str, check: Callable[[], None]) -> None:
    """What the providers' own checks say."""
    try:
        check()
    except ConfigError as error:
        raise InvalidError(field, str(error).removeprefix(f"{field}: ")) from None


def _flag(field: str, value: bool) -> bool:
    return bool(value)


def _description(field: str, value: str) -> str:
    if len(value) > TEXT_MAX or "\x00" in value:
        raise InvalidError(field, f"must be text of at most {TEXT_MAX} characters")
    return value


def _label(field: str, value: str) -> str:
    return unicodedata.normalize("NFC", _line(field, value.strip(), NAME_MAX))


def _moment(field: str, value: float | None) -> float | None:
    if value is not None and not 0 < value < MOMENT_MAX:
        raise InvalidError(field, "must be between the years 1970 and 9999")
    return value


def _line(field: str, value: str, longest: int) -> str:
    if len(value) > longest:
        raise InvalidError(field, f"must be at most {longest} characters long")
    if any(unicodedata.category(sign) in ("Cc", "Cs") or sign in _BIDI for sign in value):
        raise InvalidError(field, "must not hold control characters")
    return value


PROVIDER_FIELDS: Mapping[str, Callable[[str, Any], Any]] = {
    "name": _name,
    "provider_type": _provider_type,
    "base_url": _base_url,
    "api_key": _api_key,
    "big_model": _model,
    "medium_model": _model,
    "small_model": _model,
    "models": _models,
    "is_active": _flag,
    "priority": _priority,
    "headers": _headers,
    "timeout": _timeout,
    "dialects": _dialects,
    "overrides": _overrides,
}
KEY_FIELDS: Mapping[str, Callable[[str, Any], Any]] = {
    "name": _label,
    "description": _description,
    "is_active": _flag,
    "strict": _flag,
    "expires_at": _moment,
}
