"""What is gleaned from answers that pass: usage in anybody's words, ids of what a provider keeps."""

import pytest

from dragoman.dialects.gleaning import TAIL, WHOLE, Gleaned, Gleaner, usage_in
from dragoman.wire import json


def gleaned(body: bytes, type_: str = "application/json", size: int = 1000) -> Gleaned:
    gleaner = Gleaner(type_)
    for place in range(0, len(body), size):
        gleaner.feed(body[place : place + size])
    return gleaner.close()


@pytest.mark.parametrize(
    ("usage", "input_", "output"),
    [
        ({"prompt_tokens": 8, "total_tokens": 8}, 8, 0),  # OpenAI: embeddings
        ({"input_tokens": 5, "output_tokens": 100, "total_tokens": 105}, 5, 100),  # images, speech, transcriptions
        ({"total_tokens": 7}, 7, 0),  # Jina, Voyage
        ({"promptTokenCount": 3, "totalTokenCount": 3}, 3, 0),  # Google
        ({"billed_units": {"input_tokens": 4}}, 4, 0),  # Cohere
        ({"tokens": {"input_tokens": 4, "output_tokens": 1}, "billed_units": {"search_units": 1}}, 4, 1),
        ({"type": "duration", "seconds": 9}, None, None),
        ({"prompt_tokens": True, "total_tokens": -1}, None, None),
        ({"prompt_tokens": "8"}, None, None),
        ([1], None, None),
        (None, None, None),
    ],
)
def test_usage_in_anybodys_words(usage: object, input_: int | None, output: int | None) -> None:
    found = usage_in(usage)
    assert (None if found is None else (found.input, found.output)) == (None if input_ is None else (input_, output))
    assert found is None or (found.raw is not None and json.decode(found.raw) == usage)


def test_cached_tokens_are_no_more_than_all() -> None:
    found = usage_in({"input_tokens": 5, "input_tokens_details": {"cached_tokens": 9}, "output_tokens": 0})
    assert found is not None
    assert (found.input, found.cache_read) == (5, 5)


@pytest.mark.parametrize(
    "body",
    [
        b'{"object":"list","data":[],"usage":{"prompt_tokens":8}}',
        b'{"embeddings":[],"usageMetadata":{"promptTokenCount":8}}',
        b'{"id":"x","meta":{"billed_units":{"input_tokens":8}}}',
        b'{"model":"nomic","embeddings":[[1]],"prompt_eval_count":8}',
    ],
)
def test_where_answers_tell_it(body: bytes) -> None:
    usage = gleaned(body).usage
    assert usage is not None
    assert usage.input == 8


def test_of_a_long_answer_the_end_tells_it() -> None:
    vectors = b",".join([b"[0.125,0.25]"] * (WHOLE // 10))
    usage = gleaned(b'{"id":"x","data":[%b],"usage":{"prompt_tokens":8,"total_tokens":8}}' % vectors, size=65536).usage
    assert usage is not None
    assert usage.input == 8


def test_of_a_stream_the_last_event_that_tells_it() -> None:
    events = b"".join(
        b'data: {"type":"x","usage":{"input_tokens":%d,"details":{"a":{"b":1},"c":2},"word":"}{"}}\n\n' % number
        for number in range(5000)
    )
    for type_ in ("text/event-stream", "text/event-stream; charset=utf-8"):
        usage = gleaned(events + b'data: {"usage": {"odd": [1]}}\n\ndata: [DONE]\n\n', type_).usage
        assert usage is not None
        assert usage.input == 4999


@pytest.mark.parametrize("piece", [b'"usage":{"', b'"usage":{', b'"usage":{"a":{', b'{"usage":{"\\"', b'"usage"' + b" " * 50])
def test_what_only_looks_like_usage_costs_nothing(piece: bytes) -> None:
    assert gleaned(piece * (TAIL // len(piece)), "text/event-stream") == Gleaned()


def test_ids_of_things_of_lists_and_of_things_in_things() -> None:
    body = (
        b'{"id":"batch_1","output_file_id":"file-2","model":"m","errors":{"data":[{"id":"e1"}]},"input":"x","n":1,"null_id":null,'
    )
    body += b'"data":[{"id":"a","embedding":[0.5]},{"file":{"id":"b","deep":{"id":"no"}}},"c"],"name":"files/abc",'
    body += b'"other":{"name":"n"}}'
    assert gleaned(body).ids == ("batch_1", "file-2", "e1", "a", "b", "abc")
    assert gleaned(b'{"id":"%b"}' % (b"x" * 300)).ids == ()
    assert len(gleaned(b'{"data":[%b]}' % b",".join(b'{"id":"%d"}' % n for n in range(5000))).ids) == 2000


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"usage":{"prompt_tokens":', b'{"id":"\\ud800"}'])
def test_what_cannot_be_read_tells_nothing(body: bytes) -> None:
    assert gleaned(body) == Gleaned()
    assert gleaned(body, "text/event-stream") == Gleaned()


def test_what_is_neither_json_nor_events_is_not_looked_at() -> None:
    body = b'{"id":"x","usage":{"prompt_tokens":8}}'
    for type_ in ("audio/mpeg", "application/jsonl", "text/plain", ""):
        assert gleaned(body, type_) == Gleaned()
    assert gleaned(body, "application/vnd.api+json").ids == ("x",)


def test_no_more_is_kept_than_is_read() -> None:
    gleaner = Gleaner("text/event-stream")
    for _ in range(200):
        gleaner.feed(b"x" * 10_000)
    assert sum(len(piece) for piece in gleaner._kept) <= 2 * TAIL + 10_000
