"""Events -> a Responses answer, streamed or whole.

Rule: the grammar of the vendor's streams whatever comes in: created, in_progress, items from the first place on, exactly one end,
each event with the next number, one id throughout. A whole answer is what the end of its stream would tell.
"""

from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started
from dragoman.core.loss import Loss
from dragoman.dialects.base import Answering
from dragoman.dialects.openai.errors import describe
from dragoman.dialects.openai_responses.answering import Frame, explanation
from dragoman.dialects.openai_responses.calls import Form, call_writer, forms
from dragoman.dialects.openai_responses.failed import failure
from dragoman.dialects.openai_responses.images import ImageWriter
from dragoman.dialects.openai_responses.thoughts import ThoughtWriter
from dragoman.dialects.openai_responses.writers import OpaqueWriter, RefusalWriter, Sheet, TextWriter, Writer
from dragoman.wire import json

_WRITERS: dict[str, type[Writer]] = {
    "text": TextWriter,
    "refusal": RefusalWriter,
    "reasoning": ThoughtWriter,
    "media": ImageWriter,
    "opaque": OpaqueWriter,
}
_CUT = frozenset({"length", "context"})


class ResponsesEncoder:
    """`losses`: what the provider's answer told and Responses cannot."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._frame = Frame(answering)
        self._sheet = Sheet(answering, self._frame)
        self.losses: list[Loss] = self._frame.ledger.losses
        self._writers: dict[int, Writer] = {}
        self._forms: dict[str, Form] | None = None
        self._whole = b""

    def encode(self, event: Event) -> bytes:
        if type(event) is PartDelta:
            return self._writers[event.index].more(event.text, event.apart)
        match event:
            case Started():
                return self._start(event)
            case PartOpened():
                return self._open(event)
            case PartClosed():
                return self._writers.pop(event.index).close(event)
            case Finished():
                return self._finish(event)
            case Failed():
                return self._fail(event)
            case _:
                return b""

    def close(self) -> bytes:
        return self._whole

    def _start(self, event: Started) -> bytes:
        self._frame.start(event)
        sheet, response = self._sheet, {"response": self._frame.head}
        return sheet.event("response.created", response) + sheet.event("response.in_progress", response)

    def _begin(self) -> bytes:
        return b"" if self._frame.head else self._start(Started())

    def _open(self, event: PartOpened) -> bytes:
        phase = "final_answer" if event.kind == "media" else "commentary"
        out = self._begin() + self._sheet.release(phase)
        writer = self._writers[event.index] = self._writer(event)
        return out + writer.open()

    def _writer(self, event: PartOpened) -> Writer:
        if event.kind not in ("tool", "custom"):
            return _WRITERS[event.kind](self._sheet, event)
        if self._forms is None:
            self._forms = forms(self._answering.request)
        return call_writer(self._sheet, event, self._forms.get(event.name or ""))

    def _finish(self, event: Finished) -> bytes:
        out, sheet = self._begin(), self._sheet
        phase = "commentary" if event.reason == "tool" else "final_answer"
        out += sheet.release(phase, "incomplete" if event.reason in _CUT else "completed")
        words = None if sheet.own or sheet.refused else explanation(event)
        if words is not None:
            writer = RefusalWriter(sheet, PartOpened(index=-1, kind="refusal"))
            out += writer.open() + writer.more(words, False) + writer.close(PartClosed(index=-1)) + sheet.release(phase)
        response = self._frame.ended(event, sheet.output, refused=sheet.refused)
        if not sheet.streams:
            self._whole = json.encode(response)
        status = response["status"]
        return out + sheet.event(f"response.{status if status == 'incomplete' else 'completed'}", {"response": response})

    def _fail(self, event: Failed) -> bytes:
        if not self._sheet.streams:
            self._whole = json.encode({"error": describe(event.error)})
            return b""
        out = self._begin() + self._sheet.release("commentary")
        out += b"".join(writer.cut() for writer in self._writers.values())
        told = {**self._frame.head, "status": "failed", "error": failure(event.error), "output": self._sheet.output}
        return out + self._sheet.event("response.failed", {"response": told})
