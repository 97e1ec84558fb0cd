"""Embeddings as Gemini writes them, read and written."""

from typing import Any

import pytest

from dragoman.core.config import Target
from dragoman.core.embedding import EmbeddingRequest, Embeddings
from dragoman.core.errors import CallError
from dragoman.core.events import Usage
from dragoman.core.loss import LossKind
from dragoman.core.request import Envelope
from dragoman.dialects.gemini.embedding import EMBEDDER, TASKS
from dragoman.wire import json
from support.routing import provider

TARGET = Target(provider=provider(), model="gemini-embedding-001", dialect="gemini", base="https://api.example.com/v1beta")
TWO = EmbeddingRequest(dialect="other", pieces=("a", "b"))


def asked(body: Any, model: str = "gemini-embedding-001") -> Envelope:
    data = json.encode(body)
    return Envelope(
        dialect="gemini", operation="embed", model=model, stream=False, body=data, below="/models/{model}:embedContent"
    )


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"content": {"role": "user", "parts": [{"text": words}]}, "model": "models/gemini-embedding-001", **more}


def test_one_and_many() -> None:
    one = EMBEDDER.parse(asked(text("a", taskType="RETRIEVAL_QUERY", outputDimensionality=256)))
    assert (one.pieces, one.alone, one.task, one.dimensions) == (("a",), True, "query", 256)
    same = {"task_type": "RETRIEVAL_DOCUMENT", "title": "t", "output_dimensionality": 8}
    many = EMBEDDER.parse(asked({"requests": [text("a", **same), text("b", **same)]}))
    assert (many.pieces, many.alone, many.task, many.title, many.dimensions) == (("a", "b"), False, "document", "t", 8)
    assert (many.at("task"), many.at("pieces")) == ("/requests/0/task_type", "/requests/0/content/parts")
    assert one.extras == many.extras == {}


def test_what_is_said_differently_or_by_nobody_else() -> None:
    parts = {"content": {"parts": [{"text": "a"}, {"text": "b"}, {"inlineData": {"data": "AA"}}]}}
    requests = [text("a", taskType="CLUSTERING", outputDimensionality=8), text("b", taskType="X"), {**parts, "odd": 1}]
    request = EMBEDDER.parse(asked({"requests": requests, "more": True}))
    assert (request.pieces, request.task, request.dimensions) == (("a", "b", "ab"), None, None)
    from dragoman.dialects.openai.embedding import EMBEDDER as OPENAI

    assert {(loss.path, loss.kind) for loss in OPENAI.build(request, TARGET).losses} == {
        ("/requests/0/taskType", LossKind.DROPPED),
        ("/requests/1/taskType", LossKind.DROPPED),
        ("/requests/0/outputDimensionality", LossKind.REFUSED),
        ("/requests/2/content/parts/2/inlineData", LossKind.REFUSED),
        ("/requests/2/odd", LossKind.DROPPED),
        ("/more", LossKind.DROPPED),
    }
    unknown = EMBEDDER.parse(asked(text("a", taskType="SOMETHING_NEW")))
    assert (unknown.task, list(unknown.extras)) == (None, ["/taskType"])


@pytest.mark.parametrize("body", [{}, {"requests": []}, {"content": {}}, {"requests": [{"content": "x"}]}, {"requests": [1]}])
def test_what_cannot_be_embedded(body: Any) -> None:
    with pytest.raises(CallError) as caught:
        EMBEDDER.parse(asked(body))
    assert caught.value.error.status == 400


def test_what_another_dialect_asks_and_what_is_lost() -> None:
    request = EmbeddingRequest(
        dialect="other", pieces=("a", "b"), dimensions=8, task="fact", title="t", truncate="none", user="u", encoding="base64"
    )
    built = EMBEDDER.build(request, TARGET)
    same = {"model": "models/gemini-embedding-001", "taskType": "FACT_VERIFICATION", "title": "t", "outputDimensionality": 8}
    assert json.decode(built.body) == {"requests": [{**same, "content": {"parts": [{"text": words}]}} for words in "ab"]}
    assert {(loss.path, loss.kind) for loss in built.losses} == {
        ("/truncate", LossKind.DROPPED),
        ("/user", LossKind.HINT),
    }
    tokens = EMBEDDER.build(EmbeddingRequest(dialect="other", pieces=((1, 2),), paths={"pieces": "/input"}), TARGET)
    assert [(loss.path, loss.kind) for loss in tokens.losses] == [("/input", LossKind.REFUSED)]


@pytest.mark.parametrize("task", TASKS)
def test_tasks_come_back(task: Any) -> None:
    body = EMBEDDER.build(EmbeddingRequest(dialect="other", pieces=("a",), task=task), TARGET).body
    assert EMBEDDER.parse(asked(json.decode(body))).task == task


def test_answers() -> None:
    vectors = Embeddings(vectors=([0.5], (1.0,)), usage=Usage(input=3))
    many = EMBEDDER.answer(TWO, vectors)
    assert json.decode(many) == {
        "embeddings": [{"values": [0.5]}, {"values": [1.0]}],
        "usageMetadata": {"promptTokenCount": 3, "totalTokenCount": 3},
    }
    alone = EmbeddingRequest(dialect="gemini", pieces=("a",), alone=True)
    assert json.decode(EMBEDDER.answer(alone, Embeddings(vectors=([0.5],)))) == {"embedding": {"values": [0.5]}}
    read = EMBEDDER.read(many, TWO)
    assert ([list(vector) for vector in read.vectors], read.usage.input if read.usage else None) == ([[0.5], [1.0]], 3)
    assert EMBEDDER.read(b'{"embedding":{"values":[1]}}', alone).usage is None
    for body in (b"", b"{}", b'{"embeddings":[{"values":[1]}]}', b'{"embeddings":[{"values":["a"]},{"values":[1]}]}'):
        with pytest.raises(CallError):
            EMBEDDER.read(body, TWO)


def test_the_models_name_stands_in_each_request_of_a_batch() -> None:
    body = {"requests": [{"content": {"parts": []}, "model": "models/p:x", "n": 1}, {"content": {}}], "other": 1.5}
    told = EMBEDDER.retarget(asked(body, "p:x"), TARGET)
    renamed = [{"content": {"parts": []}, "model": "models/gemini-embedding-001", "n": 1}, {"content": {}}]
    assert json.decode(told) == {"requests": renamed, "other": 1.5}
    same = asked(body)
    assert EMBEDDER.retarget(same, TARGET) is same.body
