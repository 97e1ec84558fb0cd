"""What a provider received: tests look here. Rule: written by the connection, read by everyone."""

import asyncio
from typing import Any

from dragoman.wire import json


class Seen:
    """One request as it arrived. Loop times in seconds. `gone`: when the peer closed before the answer was finished, else None.

    `status`: what was answered, None for nothing. `ended` is set when the answer is finished or can be no more.
    """

    def __init__(self, method: str, target: str, headers: tuple[tuple[str, str], ...], at: float) -> None:
        self.method, self.headers, self.at = method, headers, at
        self.path, _, self.query = target.partition("?")
        self.body = b""
        self.status: int | None = None
        self.finished = False
        self.gone: float | None = None
        self.ended = asyncio.Event()

    def header(self, name: str) -> str | None:
        """The last value of a header, in any case."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name.lower()), None)

    @property
    def json(self) -> Any:
        return json.decode(self.body)

    def __repr__(self) -> str:
        return f"Seen({self.method} {self.path}, status={self.status}, finished={self.finished}, gone={self.gone})"
