"""One call to a running Dragoman over HTTP/1.1, with nothing but the standard library: `call` must start fast."""

import http.client
import ssl
from collections.abc import Iterator, Mapping
from typing import Self
from urllib.parse import urlsplit

from dragoman.cli.exits import Exit, VerbError

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 900.0
"""Seconds of silence; the server's own timeouts end a call long before."""


class Answer:
    """Status and headers are there; the body arrives in pieces, as it is sent."""

    def __init__(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        self._connection, self._response = connection, response
        self.status = response.status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def header(self, name: str) -> str:
        return self._response.getheader(name) or ""

    def pieces(self) -> Iterator[bytes]:
        """Raises VerbError where the body breaks off."""
        try:
            while (piece := self._response.read1(65536)) != b"":
                yield piece
        except (OSError, http.client.HTTPException) as error:
            raise VerbError(Exit.FAILED, f"the answer broke off: {type(error).__name__}: {error}") from error


def post(server: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Raises VerbError (CONNECT) where the server cannot be reached."""
    return ask("POST", server, path, body, {"content-type": "application/json", **headers})


def ask(method: str, server: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    """Likewise, by any method."""
    url = urlsplit(server if "://" in server else f"http://{server}")
    if url.scheme not in ("http", "https") or not url.hostname:
        raise VerbError(Exit.USAGE, f"--server must be a URL such as http://127.0.0.1:8000, not {server!r}")
    secure = url.scheme == "https"
    try:
        port = url.port or (443 if secure else 80)
        connection = (
            http.client.HTTPSConnection(url.hostname, port, timeout=CONNECT_TIMEOUT, context=ssl.create_default_context())
            if secure
            else http.client.HTTPConnection(url.hostname, port, timeout=CONNECT_TIMEOUT)
        )
        connection.connect()
        connection.sock.settimeout(READ_TIMEOUT)
        connection.request(method, url.path.rstrip("/") + path, body, dict(headers))
        return Answer(connection, connection.getresponse())
    except (OSError, http.client.HTTPException, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise VerbError(Exit.CONNECT, f"cannot reach {server}: {said}. Is the server running (dragoman serve)?") from error
