"""Embeddings as Gemini asks for and tells them (`:embedContent`, `:batchEmbedContents`; google-genai 3.3.0, 2026-11).

Rule: as a client the batch is asked, which official SDKs use too; as a server both are answered. snake_case is taken as well.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Raw, Struct

from dragoman.core.config import Target
from dragoman.core.embedding import EmbeddingRequest, Embeddings, Task
from dragoman.core.errors import bad_request, broken
from dragoman.core.loss import LossKind
from dragoman.core.request import Envelope
from dragoman.dialects.base import Built, Embedder
from dragoman.dialects.gleaning import usage_in
from dragoman.dialects.ledger import Ledger
from dragoman.wire import json
from dragoman.wire.json import Members, name_of

TASKS: Mapping[Task, str] = {
    "query": "RETRIEVAL_QUERY",
    "document": "RETRIEVAL_DOCUMENT",
    "similarity": "SEMANTIC_SIMILARITY",
    "classification": "CLASSIFICATION",
    "clustering": "CLUSTERING",
    "question": "QUESTION_ANSWERING",
    "fact": "FACT_VERIFICATION",
    "code_query": "CODE_RETRIEVAL_QUERY",
}
_TASKS = {told: task for task, told in TASKS.items()}
_SPELLED = {
    "task": ("taskType", "task_type"),
    "title": ("title",),
    "dimensions": ("outputDimensionality", "output_dimensionality"),
}
_TYPES: Mapping[str, type] = {"task": str, "title": str, "dimensions": int}
_REFUSED_ALONE = frozenset({"dimensions"})
"""Members whose loss makes vectors useless."""
_MODELS = "models/"


class _Vector(Struct):
    values: list[float]


class _Answer(Struct):
    embeddings: list[_Vector] | None = None
    embedding: _Vector | None = None
    usageMetadata: dict[str, Any] | None = None  # noqa: N815


class GeminiEmbedder:
    """Of Google's Gemini API."""

    path: str = "/models/{model}:batchEmbedContents"
    most: int = 100

    def parse(self, envelope: Envelope) -> EmbeddingRequest:
        body = Members(envelope.body)
        batch = body.take_list("requests")
        asked = [body] if batch is None else [Members(raw, f"/requests/{place}") for place, raw in enumerate(batch)]
        if not asked:
            raise bad_request("requests: must not be empty", "requests")
        read = _Reading()
        pieces = tuple(read.piece(members) for members in asked)
        found = {name: read.same(name, asked) for name in _SPELLED}
        for members in asked:
            members.take("model", str)
            read.rest(members)
        if batch is not None:
            read.rest(body)
        return EmbeddingRequest(
            dialect=envelope.dialect, model=envelope.model, pieces=pieces, alone=batch is None, **read.canonical(found),
            extras=read.extras, paths=read.paths, weights=read.weights,
        )  # fmt: skip

    def answer(self, request: EmbeddingRequest, embeddings: Embeddings) -> bytes:
        vectors = [{"values": list(vector)} for vector in embeddings.vectors]
        told: dict[str, Any] = {"embedding": vectors[0]} if request.alone else {"embeddings": vectors}
        usage = embeddings.usage
        if usage is not None:
            told["usageMetadata"] = {"promptTokenCount": usage.input, "totalTokenCount": usage.input}
        return json.encode(told)

    def retarget(self, envelope: Envelope, target: Target) -> bytes:
        """The model stands in each request of a batch as well, and the vendor wants it to be that of the path. What is no such
        request is the vendor's to refuse."""
        if envelope.model == target.model:
            return envelope.body
        try:
            return _retargeted(envelope.body, target)
        except json.JSONError:
            return envelope.body

    def build(self, request: EmbeddingRequest, target: Target) -> Built:
        ledger = Ledger(own=False, weights=request.weights)
        same = {
            "model": _MODELS + target.model.removeprefix(_MODELS),
            "taskType": None if request.task is None else TASKS[request.task],
            "title": request.title,
            "outputDimensionality": request.dimensions,
        }
        known = {name: value for name, value in same.items() if value is not None}
        texts = [piece for piece in request.pieces if isinstance(piece, str)]
        if len(texts) < len(request.pieces):
            ledger.refuse(request.at("pieces"), "Gemini takes texts, no token ids of another vocabulary")
        if request.truncate is not None:
            ledger.drop(request.at("truncate"), "Gemini decides about texts that are too long")
        if request.user is not None:
            ledger.hint(request.at("user"), "nobody is named here")
        ledger.extras(request.extras, "")
        body = {"requests": [{**known, "content": {"parts": [{"text": text}]}} for text in texts]}
        return Built(body=json.encode(body), losses=ledger.told())

    def read(self, body: bytes, request: EmbeddingRequest) -> Embeddings:
        try:
            answer = json.decode(body, _Answer)
        except json.JSONError:
            raise broken("the provider's answer holds no embeddings") from None
        found = answer.embeddings or ([] if answer.embedding is None else [answer.embedding])
        return Embeddings(vectors=request.answered(one.values for one in found), usage=usage_in(answer.usageMetadata))


EMBEDDER: Embedder = GeminiEmbedder()


class _Reading:
    """What several requests of one call say alike is said once; what they say differently has no place elsewhere."""

    def __init__(self) -> None:
        self.extras: dict[str, Raw] = {}
        self.weights: dict[str, LossKind | None] = {"*": LossKind.DROPPED}
        self.paths: dict[str, str] = {}

    def piece(self, members: Members) -> str:
        """The text of one request's content."""
        content = members.take_object("content")
        parts = None if content is None else content.take_list("parts")
        if content is None or parts is None:
            where = name_of(members.path("content"))
            raise bad_request(f"{where}: a content with parts is required", where)
        self.paths.setdefault("pieces", content.path("parts"))
        content.take("role", str)
        texts = []
        for place, raw in enumerate(parts):
            part = Members(raw, f"{content.path('parts')}/{place}")
            texts.append(part.take("text", str) or "")
            self.rest(part, LossKind.REFUSED)
        self.rest(content)
        return "".join(texts)

    def same(self, name: str, asked: list[Members]) -> Any:
        """What all requests say for a member; None where they differ, and then each is an extra."""
        told = [(members.path(spelled), found) for members in asked for spelled, found in _taken(members, name)]
        if not told:
            return None
        if len(told) == len(asked) and all(value == told[0][1] for _, value in told):
            self.paths[name] = told[0][0]
            return told[0][1]
        for path, value in told:
            self._keep(path, json.raw(value), LossKind.REFUSED if name in _REFUSED_ALONE else LossKind.DROPPED)
        return None

    def rest(self, members: Members, kind: LossKind = LossKind.DROPPED) -> None:
        for name, raw in members.rest().items():
            self._keep(members.path(name), raw, kind)

    def canonical(self, found: dict[str, Any]) -> dict[str, Any]:
        """The members of the canonical form; a task that only Gemini knows is an extra."""
        task = found["task"]
        if task is not None and task not in _TASKS:
            self._keep(self.paths["task"], json.raw(task), LossKind.DROPPED)
        return {**found, "task": _TASKS.get(task)}

    def _keep(self, path: str, raw: Raw, kind: LossKind) -> None:
        self.extras[path], self.weights[path] = raw, kind


def _taken(members: Members, name: str) -> list[tuple[str, Any]]:
    """(as it is spelled, value) of a member, however it is spelled."""
    found = [(spelled, members.take(spelled, _TYPES[name])) for spelled in _SPELLED[name]]
    return [(spelled, value) for spelled, value in found if value is not None][:1]


def _retargeted(body: bytes, target: Target) -> bytes:
    members = json.members(body)
    renamed = _renamed(members, target)
    if "requests" in members:
        renamed["requests"] = json.raw([_renamed(json.members(raw), target) for raw in json.items(members["requests"])])
    return json.encode(renamed)


def _renamed(members: dict[str, Raw], target: Target) -> dict[str, Any]:
    told = _MODELS + target.model.removeprefix(_MODELS)
    return {name: told if name == "model" else raw for name, raw in members.items()}
