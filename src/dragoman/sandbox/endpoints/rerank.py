"""`POST /v1/rerank`, as Jina and vLLM answer, with what Cohere adds (API references, 2026-11).

Rule: how well a document fits is the share of the query's words that it has.
"""

from typing import Any

from dragoman.sandbox.endpoints.vectors import tokens
from dragoman.sandbox.openai import whole
from dragoman.sandbox.openai_rules import check_range, empty, missing, read_body, wrong_type
from dragoman.sandbox.reply import Incoming, Reply
from dragoman.wire import json


def rerank(call: Incoming) -> Reply:
    body = read_body(call)
    for name in ("model", "query", "documents"):
        if name not in body:
            missing(name)
    query, documents = body["query"], body["documents"]
    if not isinstance(query, str):
        wrong_type("query", "a string", query)
    if not isinstance(documents, list):
        wrong_type("documents", "an array of strings", documents)
    if not documents:
        empty("documents")
    most = body.get("top_n", len(documents))
    if not isinstance(most, int) or isinstance(most, bool):
        wrong_type("top_n", "an integer", most)
    check_range("top_n", most, "integer", 1, None)
    texts = [_text(document, at) for at, document in enumerate(documents)]
    ranked = sorted(((_score(query, text), at) for at, text in enumerate(texts)), key=lambda found: (-found[0], found[1]))
    shown = body.get("return_documents") is True
    results = b",".join(_result(score, at, texts[at] if shown else None) for score, at in ranked[:most])
    told = (
        b'{"id":"rerank-%b","object":"list","model":%b,"results":[%b],"usage":{"total_tokens":%d},'
        b'"meta":{"api_version":{"version":"2"},"billed_units":{"search_units":1}}}'
    ) % (call.nonce.encode(), json.encode(body["model"]), results, sum(tokens(text) for text in (query, *texts)))
    return whole(call, told, model=str(body["model"]))


def _text(document: Any, at: int) -> str:
    """A text, or an object that has one."""
    text = document.get("text") if isinstance(document, dict) else document
    if not isinstance(text, str):
        wrong_type(f"documents[{at}]", "a string", document)
    return text


def _score(query: str, text: str) -> float:
    wanted = set(query.lower().split())
    return round(len(wanted & set(text.lower().split())) / len(wanted), 4) if wanted else 0.0


def _result(score: float, at: int, text: str | None) -> bytes:
    document = b"" if text is None else b',"document":{"text":%b}' % json.encode(text)
    return b'{"index":%d,"relevance_score":%b%b}' % (at, json.encode(score), document)
