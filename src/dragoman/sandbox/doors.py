"""Every path of the sandbox: which dialect is spoken there, and what answers. Rule: one row a path; where dialects share one, the
headers that their clients send tell them apart, and the row without a condition comes last.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, unquote

from msgspec import Struct

from dragoman.core.errors import ErrorKind
from dragoman.sandbox import anthropic, cohere, gemini, ollama, openai_chat, openai_responses
from dragoman.sandbox import openai_responses_store as store
from dragoman.sandbox.endpoints import anthropic_batches, anthropic_files, openai_batches, openai_files
from dragoman.sandbox.endpoints import gemini_embeddings as vectors
from dragoman.sandbox.endpoints.embeddings import embed
from dragoman.sandbox.endpoints.images import generate
from dragoman.sandbox.endpoints.moderations import moderate
from dragoman.sandbox.endpoints.rerank import rerank
from dragoman.sandbox.endpoints.speech import speak
from dragoman.sandbox.endpoints.transcriptions import transcribe
from dragoman.sandbox.reply import Dialect, Incoming, RefusedError, Reply
from dragoman.sandbox.scenarios import NAMES, scenario_of

Answerer = Callable[..., Reply]
"""(call, what stands in the path's braces ...) -> the answer."""
GENERATES = None
"""In an answerer's place: the dialect reads the request, and its answer is written."""

_ANTHROPIC: Dialect = anthropic
_CHAT: Dialect = openai_chat
_RESPONSES: Dialect = openai_responses
_GEMINI: Dialect = gemini
_OLLAMA: Dialect = ollama
_COHERE: Dialect = cohere
_APART: Mapping[str, Dialect] = {"/api/": _OLLAMA, "/v2/": _COHERE}
"""Beginnings of paths that nobody else has."""


class Door(Struct, frozen=True):
    """One path. `answers`: by method. `when`: it is this dialect's only then."""

    path: re.Pattern[str]
    dialect: Dialect
    answers: Mapping[str, Answerer | None]
    when: Callable[[Incoming], bool] | None = None


def from_anthropic(call: Incoming) -> bool:
    return "anthropic-version" in call.headers


def from_google(call: Incoming) -> bool:
    named = any(name in call.headers for name in ("x-goog-api-key", "x-goog-api-client"))
    return named or "key" in parse_qs(call.query)


def _method(name: str, answers: Answerer | None) -> Door:
    """A method of Google's models, under every version of its APIs, Vertex's included."""
    place = r"/v1(?:alpha|beta1?)?/(?:projects/[^/]+/locations/[^/]+/publishers/google/)?models/.+:"
    return Door(re.compile(place + name), _GEMINI, {"POST": answers})


def _door(path: str, dialect: Dialect, *, when: Callable[[Incoming], bool] | None = None, **answers: Answerer | None) -> Door:
    """`{}` in a path: anything but nothing, slashes included."""
    pattern = "(.+)".join(re.escape(piece) for piece in path.split("{}"))
    return Door(re.compile(pattern), dialect, answers, when)


def _listed(dialect: Dialect) -> Answerer:
    return lambda call: dialect.models(call, NAMES)


def _one(dialect: Dialect) -> Answerer:
    def one(call: Incoming, name: str) -> Reply:
        fault = scenario_of(name).fault
        if fault is not None and fault.kind is ErrorKind.NOT_FOUND:
            raise RefusedError(fault)
        return dialect.model(call, name)

    return one


DOORS = (
    _door("/v1/chat/completions", _CHAT, POST=GENERATES),
    _door("/v1/messages", _ANTHROPIC, POST=GENERATES),
    _door("/v1/messages/count_tokens", _ANTHROPIC, POST=anthropic.count),
    _door("/v1/messages/batches", _ANTHROPIC, GET=anthropic_batches.listed, POST=anthropic_batches.create),
    _door("/v1/messages/batches/{}/results", _ANTHROPIC, GET=anthropic_batches.results),
    _door("/v1/messages/batches/{}/cancel", _ANTHROPIC, POST=anthropic_batches.cancel),
    _door("/v1/messages/batches/{}", _ANTHROPIC, GET=anthropic_batches.show, DELETE=anthropic_batches.delete),
    _door("/v1/responses", _RESPONSES, POST=GENERATES, GET=store.no_websocket),
    _door("/v1/responses/input_tokens", _RESPONSES, POST=store.input_tokens),
    _door("/v1/responses/compact", _RESPONSES, POST=store.compact),
    _door("/v1/responses/{}/input_items", _RESPONSES, GET=store.input_items),
    _door("/v1/responses/{}/cancel", _RESPONSES, POST=store.cancel),
    _door("/v1/responses/{}", _RESPONSES, GET=store.retrieve, DELETE=store.delete),
    _method("generateContent", GENERATES),
    _method("streamGenerateContent", GENERATES),
    _method("countTokens", gemini.count),
    _method("embedContent", vectors.embed),
    _method("batchEmbedContents", vectors.embed_several),
    _door("/v1beta/models", _GEMINI, GET=_listed(_GEMINI)),
    _door("/v1beta/models/{}", _GEMINI, GET=_one(_GEMINI)),
    _door("/api/chat", _OLLAMA, POST=GENERATES),
    _door("/api/tags", _OLLAMA, GET=_listed(_OLLAMA)),
    _door("/api/show", _OLLAMA, POST=ollama.show),
    _door("/api/version", _OLLAMA, GET=ollama.version),
    _door("/api/embed", _OLLAMA, POST=ollama.embed),
    _door("/v2/chat", _COHERE, POST=GENERATES),
    _door("/v2/embed", _COHERE, POST=cohere.embed),
    _door("/v2/rerank", _COHERE, POST=rerank),
    _door("/v1/models", _GEMINI, when=from_google, GET=_listed(_GEMINI)),
    _door("/v1/models/{}", _GEMINI, when=from_google, GET=_one(_GEMINI)),
    _door("/v1/models", _ANTHROPIC, when=from_anthropic, GET=_listed(_ANTHROPIC)),
    _door("/v1/models/{}", _ANTHROPIC, when=from_anthropic, GET=_one(_ANTHROPIC)),
    _door("/v1/models", _CHAT, GET=_listed(_CHAT)),
    _door("/v1/models/{}", _CHAT, GET=_one(_CHAT)),
    _door("/v1/embeddings", _CHAT, POST=embed),
    _door("/v1/moderations", _CHAT, POST=moderate),
    _door("/v1/images/generations", _CHAT, POST=generate),
    _door("/v1/audio/speech", _CHAT, POST=speak),
    _door("/v1/audio/transcriptions", _CHAT, POST=transcribe),
    _door("/v1/audio/translations", _CHAT, POST=transcribe),
    _door("/v1/rerank", _CHAT, POST=rerank),
    _door("/v1/files", _ANTHROPIC, when=from_anthropic, GET=anthropic_files.listed, POST=anthropic_files.upload),
    _door("/v1/files/{}/content", _ANTHROPIC, when=from_anthropic, GET=anthropic_files.content),
    _door("/v1/files/{}", _ANTHROPIC, when=from_anthropic, GET=anthropic_files.show, DELETE=anthropic_files.delete),
    _door("/v1/files", _CHAT, GET=openai_files.listed, POST=openai_files.upload),
    _door("/v1/files/{}/content", _CHAT, GET=openai_files.content),
    _door("/v1/files/{}", _CHAT, GET=openai_files.show, DELETE=openai_files.delete),
    _door("/v1/batches", _CHAT, GET=openai_batches.listed, POST=openai_batches.create),
    _door("/v1/batches/{}/cancel", _CHAT, POST=openai_batches.cancel),
    _door("/v1/batches/{}", _CHAT, GET=openai_batches.show),
)


def find(call: Incoming) -> tuple[Door, tuple[str, ...]] | None:
    """The door of a path, and what stands in its braces."""
    for door in DOORS:
        match = door.path.fullmatch(call.path)
        if match is not None and (door.when is None or door.when(call)):
            return door, tuple(unquote(name) for name in match.groups())
    return None


def dialect_of(call: Incoming) -> Dialect:
    """Who speaks at a path, also where there is nothing."""
    found = find(call)
    if found is not None:
        return found[0].dialect
    if call.path.startswith("/v1/messages") or from_anthropic(call):
        return _ANTHROPIC
    if re.match("/v1(?:alpha|beta)", call.path) or from_google(call):
        return _GEMINI
    return next((dialect for start, dialect in _APART.items() if call.path.startswith(start)), _CHAT)
