"""A provider's answer as it comes in, for decoders of server-sent events: cut into events, or kept whole.

Rule: the first bytes tell which it is, whatever was asked for; nothing follows the end or a failure.
"""

from abc import ABC, abstractmethod
from typing import Any, Protocol

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.events import Event, Failed
from dragoman.dialects.faults.read import told_by
from dragoman.wire.sse import EventTooLargeError, Splitter

_BLANK = b"\xef\xbb\xbf \t\r\n"
_BODIES = b'{["<'
"""First letters of what is no stream: JSON, or a page of HTML."""


class Sheet(Protocol):
    """Where the events of an answer are put together."""

    out: list[Event]


class Receiving(ABC):
    """One answer. `_over`: it has ended, or failed."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._splitter = Splitter()
        self._streams: bool | None = None
        self._body: list[bytes] = []
        self._over = False

    def feed(self, data: bytes) -> list[Event]:
        if self._over:
            return []
        if self._streams is None:
            data = b"".join((*self._body, data)) if self._body else data
            head = data.lstrip(_BLANK)
            if not head:
                self._body = [data]
                return []
            self._streams, self._body = head[:1] not in _BODIES, []
        if not self._streams:
            self._body.append(data)
            return []
        try:
            for event in self._splitter.feed(data):
                self._event(event)
        except EventTooLargeError as error:
            self._fail(str(error))
        return self._take()

    def close(self) -> list[Event]:
        if self._streams:
            for event in self._splitter.close():
                self._event(event, last=True)
            if not self._over:
                self._break_off()
        elif not self._over:
            self._whole(b"".join(self._body))
        return self._take()

    @abstractmethod
    def _event(self, event: bytes, *, last: bool = False) -> None:
        """`last`: the stream ended in this event, so it may be cut; the ending then decides."""

    @abstractmethod
    def _break_off(self) -> None:
        """The stream ended, and nothing in it said so."""

    @abstractmethod
    def _whole(self, body: bytes) -> None: ...

    def _take(self) -> list[Event]:
        out, self._sheet.out = self._sheet.out, []
        return out

    def _emit(self, event: Event) -> None:
        self._sheet.out.append(event)

    def _told(self, answer: Any, kind: ErrorKind | None = None) -> None:
        """An error inside an answer ends it. `kind`: known from elsewhere in the answer."""
        if not self._over:
            self._over = True
            error = told_by(answer, None)
            self._emit(Failed(error if kind is None else Error(kind=kind, message=error.message)))

    def _fail(self, message: str, kind: ErrorKind = ErrorKind.SERVER) -> None:
        if not self._over:
            self._over = True
            self._emit(Failed(Error(kind=kind, message=message, ours=True)))
