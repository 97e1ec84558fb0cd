"""A provider's Responses answer, whole or streamed, -> events. What cannot be read is Failed; nothing is raised.

Rule: the first bytes tell whether it is a stream, whatever was asked for; only completed, incomplete and failed are endings. What
an item says when it is done counts, and what its deltas left out is told then.
"""

from typing import Any

from msgspec import Raw, Struct

from dragoman.core.events import Event, Finished, Reason, Started
from dragoman.core.loss import Loss
from dragoman.core.parts import Extras
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import Undo
from dragoman.dialects.ledger import RESPONSE
from dragoman.dialects.openai_responses import usage
from dragoman.dialects.openai_responses.facts import ENDING, REASONS, STATUS, TAKEN, UNENDED
from dragoman.dialects.openai_responses.output import Output
from dragoman.dialects.receiving import Receiving
from dragoman.wire import json
from dragoman.wire.sse import fields

_QUICK = b"event: response.output_text.delta\ndata: "
_ENDINGS = frozenset({"response.completed", "response.incomplete", "response.failed"})
_BEGINNINGS = frozenset({"response.created", "response.queued", "response.in_progress"})
_CACHED = "/usage/input_tokens_details/"
_PATHS = {
    "reason": STATUS,
    "cache_read": f"{_CACHED}cached_tokens",
    "cache_write_1h": f"{_CACHED}cache_write_tokens_details/ttl_12h_tokens",
}
_INCOMPLETE_PATHS = {**_PATHS, "reason": "/incomplete_details/reason"}


class _Said(Struct):
    """What most events of a stream are."""

    delta: str = ""
    output_index: int | None = None
    content_index: int = 0
    item_id: str | None = None


class _Told(Struct):
    """Any other event."""

    type: str = ""
    output_index: int | None = None
    content_index: int | None = None
    summary_index: int | None = None
    item_id: str | None = None
    delta: Any = None
    text: str | None = None
    refusal: str | None = None
    arguments: Any = None
    input: str | None = None
    item: Raw = Raw()
    part: Raw = Raw()
    annotation: Raw = Raw()
    response: Raw = Raw()


class ResponsesDecoder(Receiving):
    """One answer. `losses`: what the answer told and events cannot."""

    def __init__(self, quirks: Quirks, undo: Undo) -> None:
        self._quirks = quirks
        self._output = Output(undo)
        super().__init__(self._output)
        self.losses: list[Loss] = self._output.losses
        self._started = False

    def _emit(self, event: Event) -> None:
        self._output.emit(event)

    # streams

    def _event(self, event: bytes, *, last: bool = False) -> None:
        if self._over:
            return
        if event.startswith(_QUICK) and event.find(b"\n", len(_QUICK)) == len(event) - 2 and self._quickly(event):
            return
        name, data = fields(event)
        data = data.strip()
        if not data or data == b"[DONE]":
            return
        try:
            try:
                self._say(name, data)
            except json.JSONError:
                self._say(name, json.mended(data))
        except json.JSONError:
            if not last:
                self._fail("the provider's stream holds an event that cannot be read")

    def _quickly(self, event: bytes) -> bool:
        try:
            said = json.decode(event[len(_QUICK) :], _Said)
        except json.JSONError:
            return False
        self._begin()
        self._output.text(said.output_index, said.item_id, said.content_index, said.delta)
        return True

    def _say(self, name: str, data: bytes) -> None:
        told = json.decode(data, _Told)
        kind = told.type or name
        if kind in _BEGINNINGS:
            self._begin(_members(told.response))
        elif kind in _ENDINGS:
            members = _members(told.response)
            self._begin(members)
            self._end(members, kind.rpartition(".")[2])
        elif kind.startswith("response."):
            self._begin()
            self._output.told(kind, told)
        elif kind == "error" or (not kind.strip() and _has_error(data)):
            self._told(json.decode(data))

    def _begin(self, members: dict[str, Raw] | None = None) -> None:
        if self._started:
            return
        self._started = True
        told = members or {}
        created = told.get("created_at")
        extras: Extras = {} if created is None or json.is_null(created) else {"created_at": created.copy()}
        for name, value in told.items():
            if name not in TAKEN and name not in ENDING and not json.is_null(value):
                extras[name] = value.copy()
        self._emit(Started(id=_string(told.get("id")), model=_string(told.get("model")), extras=extras))

    # whole bodies

    def _whole(self, body: bytes) -> None:
        body = body.lstrip(b"\xef\xbb\xbf \t\r\n")
        try:
            members = self._read(body)
        except json.JSONError:
            self._fail("the provider's answer is not a JSON object" if body.strip() else "the provider's answer is empty")
            return
        output = members.get("output")
        if output is None or not json.is_array(output):
            error = members.get("error")
            if (error is not None and not json.is_null(error)) or _string(members.get("type")) == "error":
                self._told(json.decode(json.raw(members)))
            else:
                self._fail("the provider's answer has no output")
            return
        self._begin(members)
        self._end(members, _string(members.get("status")))

    def _read(self, body: bytes) -> dict[str, Raw]:
        """Raises JSONError."""
        try:
            return json.members(body)
        except json.JSONError:
            if body[:1] == b"[":
                first = json.items(body)
                return {"error": first[0]} if first else {}
            return json.members(json.mended(body))

    # endings

    def _end(self, members: dict[str, Raw], status: str | None) -> None:
        """`status` None: the provider told none, which a whole body with content may do."""
        try:
            self._output.finish(members.get("output"))
        except json.JSONError:
            self._fail("the provider's answer holds an item that cannot be read")
            return
        if status == "failed" or (status is None and _string(members.get("error")) is not None):
            error = members.get("error")
            self._told(json.decode(error) if error is not None and not json.is_null(error) else {})
            return
        if status is None:
            if not self._output.any:
                self._fail("the provider's answer has neither content nor an ending")
                return
            self._output.approximate(f"{RESPONSE}/output", "the provider told no status")
        detail = _detail(members) if status == "incomplete" else None
        counted = members.get("usage")
        count = usage.read(json.decode(counted)) if counted is not None and json.is_object(counted) else None
        extras = {name: value.copy() for name, value in members.items() if name in ENDING and not json.is_null(value)}
        self._over = True
        self._emit(
            Finished(
                reason=self._reason(status, detail), raw_reason=detail or status, usage=count, extras=extras,
                paths=_PATHS if detail is None else _INCOMPLETE_PATHS,
            )
        )  # fmt: skip

    def _reason(self, status: str | None, detail: str | None) -> Reason:
        """What the answer holds beats what the provider says about it."""
        if status == "incomplete":
            return REASONS.get(detail or "", "other")
        if status in UNENDED:
            return "other"
        return "tool" if self._output.called else "refusal" if self._output.refused else "stop"

    def _break_off(self) -> None:
        if not self._quirks.ending and self._output.any:
            self._end({}, "completed")
        elif self._started:
            self._fail("the provider's answer broke off before its end")
        else:
            self._fail("the provider's answer is empty")


def _members(raw: Raw) -> dict[str, Raw]:
    return json.members(raw) if bytes(raw) and json.is_object(raw) else {}


def _string(raw: Raw | None) -> str | None:
    if raw is None or not json.is_string(raw):
        return None
    return json.decode(raw, str) or None


def _detail(members: dict[str, Raw]) -> str | None:
    told = members.get("incomplete_details")
    return _string(json.members(told).get("reason")) if told is not None and json.is_object(told) else None


def _has_error(data: bytes) -> bool:
    return "error" in json.members(data)
