"""The two lanes of an answer, sans-io: provider bytes in, client bytes out, and what was seen on the way.

Rule: `feed` and `close` return whole events only, so that pings and errors of ours can go between any two of them.
"""

from typing import Protocol

from msgspec import Raw

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.events import PIECE_ID, Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started, Usage
from dragoman.core.loss import Loss
from dragoman.dialects.base import Decoder, Dialect, Encoder, Undo
from dragoman.relay.losses import HEADER, render
from dragoman.wire import sse


class Watch:
    """What the decoder saw of an answer. `blind`: it could not read on, so no ending is judged. `pieces`: ids of what it is made
    of, raw."""

    __slots__ = ("blind", "committed", "failed", "finished", "pieces", "started")

    def __init__(self) -> None:
        self.started: Started | None = None
        self.finished: Finished | None = None
        self.failed: Error | None = None
        self.committed = False
        self.pieces: list[Raw] = []
        self.blind = False

    def see(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case PartDelta() | PartClosed():  # ARCHITECTURE rule 7
                    self.committed = True
                case PartOpened():
                    if PIECE_ID in event.extras:
                        self.pieces.append(event.extras[PIECE_ID])
                case Finished():
                    self.finished, self.committed = event, True
                case Failed():
                    self.failed = event.error
                case Started():
                    self.started = event

    @property
    def usage(self) -> Usage | None:
        if self.finished is not None and self.finished.usage is not None:
            return self.finished.usage
        return self.started.usage if self.started is not None else None


class Pipe(Protocol):
    """`feed` each chunk of the provider's body, `close` at its end. After a failure nothing more is fed."""

    watch: Watch
    untold: tuple[Loss, ...]
    """Losses of the request that came too late for the headers."""
    told_error: bool
    """The failure that was seen went out in the provider's own words; what it says after them goes on."""

    def feed(self, data: bytes) -> bytes: ...
    def close(self) -> bytes: ...
    def losses(self) -> list[Loss]:
        """Losses of the answer so far."""
        ...

    def breaking(self, error: Error) -> bytes:
        """What ends a stream that the client already has parts of."""
        ...


class Copy:
    """Same dialect: the provider's bytes, cut between events. Its decoder reads a copy; should that fail, the bytes go on."""

    def __init__(
        self, dialect: Dialect, decoder: Decoder, *, stream: bool, undo: Undo, request_id: str, framing: str = ""
    ) -> None:
        self.watch = Watch()
        self.untold: tuple[Loss, ...] = ()
        self._dialect, self._decoder, self._undo, self._request_id = dialect, decoder, undo, request_id
        self._framing, self._begun = framing, False
        self._splitter = dialect.splitter(framing) if stream else None
        self._body: list[bytes] = []
        self.told_error = False

    def feed(self, data: bytes) -> bytes:
        if self._splitter is None:
            self._body.append(data)
            return b""
        try:
            events = self._splitter.feed(data)
        except sse.EventTooLargeError as error:
            self.watch.failed = Error(kind=ErrorKind.SERVER, message=f"the provider's answer is broken: {error}", ours=True)
            return b""
        out = self._asked_for(events)
        self._observe(data)
        return out

    def close(self) -> bytes:
        if self._splitter is None:
            body = b"".join(self._body)
            self._observe(body)
            self._observe(None)
            return body
        out = self._asked_for(self._splitter.close())
        if self.watch.finished is not None and out.strip() and not out.rstrip().endswith((b"}", b"]")):
            out = b""  # half an event after the answer's ending, where it was not read on
        self._observe(None)
        return out

    def losses(self) -> list[Loss]:
        return []

    def breaking(self, error: Error) -> bytes:
        """The provider's own error event went out with the bytes that told it."""
        if self.told_error:
            return b""
        return self._dialect.error_event(error, self._request_id, self._framing, begun=self._begun)

    def _asked_for(self, events: list[bytes]) -> bytes:
        if self._undo.hide_usage:
            events = [event for event in events if not self._dialect.hidden(event, self._undo)]
        self._begun = self._begun or bool(events)
        return b"".join(events)

    def _observe(self, data: bytes | None) -> None:
        if self.watch.blind or self.watch.failed is not None:
            return
        try:
            events = self._decoder.close() if data is None else self._decoder.feed(data)
        except Exception:  # a watcher must never break what it watches
            self.watch.blind = self.watch.committed = True
            return
        self.watch.see(events)
        self.told_error = data is not None and self.watch.failed is not None and self._splitter is not None


class Translate:
    """Provider bytes -> events -> client bytes. Losses of the answer are told in a comment before the end of a stream."""

    def __init__(self, decoder: Decoder, encoder: Encoder, *, comments: bool) -> None:
        self.watch = Watch()
        self.untold: tuple[Loss, ...] = ()
        self.told_error = False
        self._decoder, self._encoder, self._comments = decoder, encoder, comments

    def feed(self, data: bytes) -> bytes:
        return self._through(self._decoder.feed(data))

    def close(self) -> bytes:
        out = self._through(self._decoder.close())
        return out if self.watch.failed is not None else out + self._encoder.close()

    def losses(self) -> list[Loss]:
        return [*self._decoder.losses, *self._encoder.losses]

    def breaking(self, error: Error) -> bytes:
        return self._encoder.encode(Failed(error))

    def _through(self, events: list[Event]) -> bytes:
        if not events:
            return b""
        self.watch.see(events)
        out = []
        for event in events:
            if isinstance(event, Failed):
                break
            data = self._encoder.encode(event)
            if isinstance(event, Finished) and self._comments and (told := render([*self.untold, *self.losses()])):
                out.append(sse.comment(f"{HEADER}: {told}"))
            out.append(data)
        return b"".join(out)
