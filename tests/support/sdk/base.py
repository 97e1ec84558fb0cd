"""What the SDKs share: a door that answers their next call, and what reading one needs."""

from collections.abc import Callable
from typing import Any, NamedTuple

import httpx2
import pydantic

from support.said import Said

PROMPT: Any = [{"role": "user", "content": "Hi."}]


class UnreadableError(AssertionError):
    """An SDK stumbles over what we wrote."""


class Door(httpx2.BaseTransport):
    """Answers the next call with these bytes."""

    def __init__(self) -> None:
        self.status, self.kind, self.body = 200, "", b""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(self.status, headers={"content-type": self.kind}, content=self.body, request=request)

    def put(self, body: bytes, *, stream: bool, status: int = 200) -> None:
        self.status, self.body = status, body
        self.kind = "text/event-stream" if stream else "application/json"


class Sdk(NamedTuple):
    """`make(door, strict)`: a client whose calls go through the door; `strict`: it checks types. `read(client, stream, strict)`:
    one call. `asks`: the type of a request, as the SDK declares it for its callers. `errors`: what it raises for an API error;
    `invalid`: for a body that is not of its types. `untyped`: what the vendor streams and the SDK's types do not know."""

    make: Callable[[Door, bool], Any]
    read: Callable[[Any, bool, bool], Said]
    asks: pydantic.TypeAdapter[Any]
    errors: tuple[type[Exception], ...]
    invalid: tuple[type[Exception], ...]
    untyped: bytes | None = None
