"""Embeddings as OpenAI writes them, read and written."""

import base64
import struct
from typing import Any

import pytest

from dragoman.core.config import Target
from dragoman.core.embedding import EmbeddingRequest, Embeddings
from dragoman.core.errors import CallError
from dragoman.core.events import Usage
from dragoman.core.loss import LossKind
from dragoman.core.request import Envelope
from dragoman.dialects.openai.embedding import EMBEDDER
from dragoman.wire import json
from support.routing import provider

TARGET = Target(provider=provider(), model="real", dialect="openai-chat", base="https://api.example.com/v1")
TWO = EmbeddingRequest(dialect="other", pieces=("a", "b"))


def parsed(**body: Any) -> EmbeddingRequest:
    data = json.encode({"model": "m", **body})
    return EMBEDDER.parse(Envelope(dialect="openai-chat", operation="embed", model="m", stream=False, body=data))


@pytest.mark.parametrize(
    ("told", "pieces", "alone"),
    [
        ("a", ("a",), True),
        ("", ("",), True),
        (["a", "b"], ("a", "b"), False),
        (["a"], ("a",), False),
        ([1, 2], ((1, 2),), True),
        ([[1, 2], [3]], ((1, 2), (3,)), False),
    ],
)
def test_inputs(told: Any, pieces: Any, alone: bool) -> None:
    request = parsed(input=told)
    assert (request.pieces, request.alone, request.encoding) == (pieces, alone, "float")


@pytest.mark.parametrize("told", [[], None, 5, {}, [[1], "a"], [1.5], [None]])
def test_what_is_no_input(told: Any) -> None:
    with pytest.raises(CallError) as caught:
        parsed(input=told)
    assert (caught.value.error.status, caught.value.error.param) == (400, "input")


def test_the_other_members() -> None:
    request = parsed(input="a", dimensions=256, encoding_format="base64", user="u", input_type="query", nothing=None)
    assert (request.dimensions, request.encoding, request.user, list(request.extras)) == (256, "base64", "u", ["input_type"])
    for member, wrong in (("encoding_format", "int8"), ("dimensions", "x"), ("user", 5)):
        with pytest.raises(CallError) as caught:
            parsed(input="a", **{member: wrong})
        assert caught.value.error.param == member


def test_what_another_dialect_asks_and_what_is_lost() -> None:
    request = EmbeddingRequest(
        dialect="other", pieces=("a",), alone=True, dimensions=8, task="query", title="t", truncate="end", user="u",
        encoding="base64", extras={"odd": json.raw(1)}, paths={"task": "/taskType"},
    )  # fmt: skip
    built = EMBEDDER.build(request, TARGET)
    assert json.decode(built.body) == {"model": "real", "input": ["a"], "dimensions": 8, "user": "u"}
    assert {(loss.path, loss.kind) for loss in built.losses} == {
        (path, LossKind.DROPPED) for path in ("/taskType", "/title", "/truncate", "/odd")
    }
    assert EMBEDDER.build(EmbeddingRequest(dialect="other", pieces=("a",), truncate="none"), TARGET).losses == ()


def test_answers_in_numbers_and_in_bytes() -> None:
    vectors = ([0.1, -2.0], (0.25, 1e-3))
    usage = Usage(input=7)
    told = json.decode(EMBEDDER.answer(parsed(input=["a", "b"]), Embeddings(vectors=vectors, model="real", usage=usage)))
    assert told == {
        "object": "list",
        "data": [
            {"object": "embedding", "index": 0, "embedding": [0.1, -2.0]},
            {"object": "embedding", "index": 1, "embedding": [0.25, 0.001]},
        ],
        "model": "real",
        "usage": {"prompt_tokens": 7, "total_tokens": 7},
    }
    told = json.decode(EMBEDDER.answer(parsed(input="a", encoding_format="base64"), Embeddings(vectors=(vectors[0],))))
    assert told["data"][0]["embedding"] == base64.b64encode(struct.pack("<2f", 0.1, -2.0)).decode()
    assert (told["model"], told["usage"]["prompt_tokens"]) == ("m", 0)
    with pytest.raises(CallError):
        EMBEDDER.answer(parsed(input="a", encoding_format="base64"), Embeddings(vectors=([1e300],)))


def test_answers_are_read_in_their_order_in_numbers_and_in_bytes() -> None:
    b64 = base64.b64encode(struct.pack("<2f", 0.5, -1.0)).decode()
    body = {"data": [{"index": 1, "embedding": b64}, {"index": 0, "embedding": [1, 2.5]}], "model": "real"}
    found = EMBEDDER.read(json.encode({**body, "usage": {"prompt_tokens": 3, "total_tokens": 3}}), TWO)
    assert [list(vector) for vector in found.vectors] == [[1.0, 2.5], [0.5, -1.0]]
    assert (found.model, found.usage.input if found.usage else None) == ("real", 3)
    bare = {"data": [{"embedding": [1]}, {"embedding": [2]}]}
    assert [list(vector) for vector in EMBEDDER.read(json.encode(bare), TWO).vectors] == [[1.0], [2.0]]


@pytest.mark.parametrize(
    "data",
    [
        None, "x", [], [{"embedding": [1]}], [{"embedding": [1]}] * 3, [{"embedding": ["a"]}] * 2, [{}] * 2,
        [{"embedding": "!!"}] * 2, [{"embedding": "AAA="}] * 2,
        [{"embedding": base64.b64encode(struct.pack("<f", float("nan"))).decode()}] * 2,
    ],
)  # fmt: skip
def test_answers_that_are_none(data: Any) -> None:
    with pytest.raises(CallError) as caught:
        EMBEDDER.read(json.encode({"data": data}), TWO)
    assert caught.value.error.kind == "server"
