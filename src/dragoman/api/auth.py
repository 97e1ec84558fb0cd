"""Who may call. Rule: one function for all header forms; what is wrong with a credential is never told; nothing is ever open to a
network (docs/configuration.md, Authentication).

The planes are judged apart: the data plane needs a key from the first key on, the admin plane a password from the first
password on. Off loopback there is always a password: one for this run is made where none is set.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable, Iterator
from urllib.parse import unquote_plus

from msgspec import Struct, structs

from dragoman.api.loopback import is_foreign_web_page, is_loopback, is_loopback_authority
from dragoman.core.config import Key, Secret, Snapshot
from dragoman.core.errors import CallError, ConfigError, Error, ErrorKind
from dragoman.core.request import Headers
from dragoman.settings import DEFAULT_SECRETS, Settings

KEY_HEADERS = frozenset({"x-api-key", "api-key", "x-goog-api-key"})
"""Besides `Authorization: Bearer`; all equal on every path."""
_FORWARDED = frozenset({
    "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-server", "x-real-ip", "x-client-ip",
    "true-client-ip", "cf-connecting-ip", "cdn-loop",
})  # fmt: skip
"""What proxies add. Nothing is believed of their values."""
_LONGEST = 1100
_REFUSED = "missing or invalid API key"
_COMPARE = secrets.token_bytes(32)


class Gate(Struct, frozen=True):
    """What is asked of callers. `digest`: text of a key -> how it is looked up. `made`: the password is of this run only."""

    digest: Callable[[str], str]
    username: str
    password: Secret
    made: bool
    required: bool
    on_loopback: bool
    has_keys: bool
    warnings: tuple[str, ...] = ()

    @property
    def needs_key(self) -> bool:
        """The data plane asks for a key, even from this machine."""
        return self.has_keys or self.required or not self.on_loopback

    def renewed(self, snapshot: Snapshot) -> "Gate":
        """For another configuration."""
        return structs.replace(self, has_keys=_has_keys(snapshot))

    def notes(self) -> list[str]:
        """What an operator must be told at start, a line each."""
        lines = []
        if self.made:
            lines.append(f"  admin login  {self.username} / {self.password.reveal()}  (for this run only: set ADMIN_PASSWORD)")
        if self.needs_key and not self.has_keys:
            lines.append("  calls        closed: no key exists yet. Make one: dragoman generate-key")
        return [*lines, *(f"  warning      {warning}" for warning in self.warnings)]


def open_gate(settings: Settings, snapshot: Snapshot, digest: Callable[[str], str]) -> Gate:
    """Raises ConfigError for a default secret where others than this machine could call."""
    on_loopback = is_loopback(settings.host)
    required = settings.auth == "required"
    made = settings.admin_password == "" and (required or not on_loopback)
    return Gate(
        digest=digest,
        username=settings.admin_username,
        password=Secret(secrets.token_urlsafe(16) if made else settings.admin_password),
        made=made,
        required=required,
        on_loopback=on_loopback,
        has_keys=_has_keys(snapshot),
        warnings=tuple(_warnings(settings, on_loopback)),
    )


def authenticate(
    headers: Headers, query: str, peer: str, snapshot: Snapshot, gate: Gate, now: float, *, in_query: bool = False
) -> Key | None:
    """The client's key; None where none is needed. `in_query`: on this path `?key=` is a form, too.

    Raises CallError (auth), always the same one. Of several credentials any valid one is enough: clients send the same key
    in two headers, or a left-over beside the right one.
    """
    for text in _offered(headers, query if in_query else ""):
        key = snapshot.keys.get(gate.digest(text)) if len(text) <= _LONGEST else None
        if key is not None and key.is_active and (key.expires_at is None or key.expires_at > now):
            return key
    if not gate.needs_key and _from_here(headers, peer):
        return None
    raise CallError(Error(kind=ErrorKind.AUTH, status=401, message=_REFUSED, ours=True))


def is_admin(headers: Headers, peer: str, gate: Gate) -> bool:
    """The caller may administer: with the password where there is one, else from this machine."""
    if not gate.password:
        return _from_here(headers, peer)
    username, password = _basic(headers)
    right_name = hmac.compare_digest(_mac(username), _mac(gate.username))
    right_password = hmac.compare_digest(_mac(password), _mac(gate.password.reveal()))
    return right_name and right_password


def _has_keys(snapshot: Snapshot) -> bool:
    return bool(snapshot.keys) or bool(snapshot.gateways)


def _warnings(settings: Settings, on_loopback: bool) -> Iterator[str]:
    if settings.secret_key.strip().lower() in DEFAULT_SECRETS:
        if not on_loopback:
            raise ConfigError(
                f"SECRET_KEY is a well-known default, refused on {settings.host}: remove it (one is generated), or set it "
                "to the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
            )
        yield "SECRET_KEY is a well-known default: anyone who copies the database can read the providers' keys"
    if settings.admin_password.strip().lower() in DEFAULT_SECRETS:
        yield "ADMIN_PASSWORD is a well-known default: choose another one"


def _offered(headers: Headers, query: str) -> Iterator[str]:
    for name, value in headers:
        if name == "authorization":
            scheme, _, token = value.strip().partition(" ")
            if scheme.lower() == "bearer" and token.strip() != "":
                yield token.strip()
        elif name in KEY_HEADERS and value.strip() != "":
            yield value.strip()
    for member in query.split("&"):
        if member.startswith("key="):
            yield unquote_plus(member[4:])


def _from_here(headers: Headers, peer: str) -> bool:
    """From this machine, asked under this machine's name, and not for others: by a proxy, or by a page of another site in a
    browser that runs here."""
    hosts = [value for name, value in headers if name == "host"]
    origins = [value for name, value in headers if name == "origin"]
    here = is_loopback(peer) and len(hosts) == 1 and is_loopback_authority(hosts[0])
    forwarded = any(name in _FORWARDED for name, _ in headers)
    return here and not forwarded and not any(is_foreign_web_page(origin) for origin in origins)


def _basic(headers: Headers) -> tuple[str, str]:
    """("", "") where there is no HTTP Basic credential that can be read."""
    for name, value in headers:
        scheme, _, token = value.strip().partition(" ")
        if name == "authorization" and scheme.lower() == "basic":
            try:
                username, _, password = base64.b64decode(token.strip(), validate=True).decode().partition(":")
            except (binascii.Error, ValueError):
                continue
            return username, password
    return "", ""


def _mac(text: str) -> bytes:
    return hmac.digest(_COMPARE, text.encode("utf-8", "surrogatepass"), "sha256")
