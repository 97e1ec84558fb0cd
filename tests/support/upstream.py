"""Asking a scripted provider through the upstream client, with a secret in the request that no error may show."""

from collections.abc import Callable

from dragoman.core.errors import CallError, Error
from dragoman.relay.upstream import Outgoing, Upstream
from support.scripted import Received, Script, answer


def ask(url: str, *, idle: float = 20.0, private: bool = True) -> Outgoing:
    headers = (("authorization", "Bearer CANARY"),)
    return Outgoing(method="POST", url=url, headers=headers, body=b"{}", timeout_idle=idle, allow_private=private)


async def drain(upstream: Upstream, outgoing: Outgoing) -> tuple[bytes, Error | None]:
    """What came of the body, and the error that ended it."""
    got = b""
    try:
        response = await upstream.send(outgoing)
        while data := await response.chunk():
            got += data
    except CallError as failure:
        return got, judged(failure.error)
    return got, None


def judged(error: Error) -> Error:
    """What holds for every error of ours: it says that it is, and shows no secret of the request."""
    assert error.ours
    assert "CANARY" not in error.message
    return error


def script_of(*steps: object) -> Callable[[Received], Script]:
    return lambda request: [answer(200, b"ok")] if request.target == "/ok" else steps  # type: ignore[return-value]
