"""Records as JSON lines."""

import io
import threading

from msgspec import Raw

from dragoman.core.events import Usage
from dragoman.core.loss import Loss, LossKind
from dragoman.core.record import Attempt, Record
from dragoman.store.records import LogSink, line
from dragoman.wire import json


def record(id_: str = "req_1", **more: object) -> Record:
    return Record(id=id_, when=1.5, operation="chat", client_dialect="openai-chat", stream=False, status=200, **more)  # type: ignore[arg-type]


def attempt(message: str | None) -> Attempt:
    return Attempt(
        target="a:m", provider="a", model="m", dialect="anthropic", lane="copy", started=0.0, duration=0.1, message=message
    )


class Slow(io.BytesIO):
    """A reader of the log that does not read until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go, self.asked = threading.Event(), threading.Event()

    def write(self, data: object) -> int:
        self.asked.set()
        self.go.wait(30)
        return super().write(data)  # type: ignore[arg-type]


def test_a_line_has_the_fields_of_a_record() -> None:
    whole = record(
        attempts=(attempt(None),),
        usage=Usage(input=3, raw=Raw(b'{"n": 1.50}')),
        losses=(Loss("/top_k", LossKind.DROPPED, "why"),),
        error="line\nfeed",
    )
    written = line(whole)
    assert written.endswith(b"\n")
    assert written.count(b"\n") == 1
    told = json.decode(written)
    assert told.pop("event") == "call"
    assert set(told) == set(Record.__struct_fields__)
    assert told["losses"] == [{"path": "/top_k", "kind": "dropped", "why": "why"}]
    assert b'{"n": 1.50}' in written


def test_secrets_are_taken_out_of_error_texts() -> None:
    written = line(
        record(attempts=(attempt("wrong key sk-CANARY"), attempt(None))), lambda text: text.replace("sk-CANARY", "...")
    )
    assert b"CANARY" not in written
    assert b"wrong key ..." in written


def test_all_are_written_in_order_before_it_closes() -> None:
    stream = io.BytesIO()
    sink = LogSink(stream)
    for number in range(500):
        sink(record(f"req_{number}"))
    sink.close(30)
    assert [json.decode(one)["id"] for one in stream.getvalue().splitlines()] == [f"req_{number}" for number in range(500)]


def test_a_reader_that_stands_still_costs_no_call_and_no_memory() -> None:
    stream = Slow()
    sink = LogSink(stream, limit=10)
    sink(record("first"))
    assert stream.asked.wait(30)
    for number in range(50):
        sink(record(f"req_{number}"))
    stream.go.set()
    sink.close(30)
    told = [json.decode(one) for one in stream.getvalue().splitlines()]
    assert [one.get("id") for one in told[:2]] == ["first", "req_0"]
    assert {"event": "records_lost", "count": 40} in told
    assert len(told) == 12


def test_a_reader_that_went_away_stops_nothing() -> None:
    stream = io.BytesIO()
    sink = LogSink(stream)
    stream.close()
    sink(record())
    sink.close(30)
    sink(record())
