"""`POST /v1/moderations`, as OpenAI answers (API reference, 2026-11). Rule: a text is flagged for what it names."""

from typing import Any

from dragoman.sandbox.openai import whole
from dragoman.sandbox.openai_rules import bad, missing, read_body, wrong_value
from dragoman.sandbox.reply import Incoming, Reply
from dragoman.wire import json

CATEGORIES: dict[str, tuple[str, ...]] = {
    "harassment": ("text",),
    "harassment/threatening": ("text",),
    "hate": ("text",),
    "hate/threatening": ("text",),
    "illicit": ("text",),
    "illicit/violent": ("text",),
    "self-harm": ("text", "image"),
    "self-harm/intent": ("text", "image"),
    "self-harm/instructions": ("text", "image"),
    "sexual": ("text", "image"),
    "sexual/minors": ("text",),
    "violence": ("text", "image"),
    "violence/graphic": ("text", "image"),
}
"""Category -> what it is looked for in."""
DEFAULT_MODEL = "omni-moderation-latest"


def moderate(call: Incoming) -> Reply:
    body = read_body(call)
    model = body.get("model", DEFAULT_MODEL)
    results = b",".join(_result(text, kinds) for text, kinds in _inputs(body.get("input")))
    told = b'{"id":"modr-%b","model":%b,"results":[%b]}' % (call.nonce.encode(), json.encode(model), results)
    return whole(call, told, model=str(model))


def _inputs(given: Any) -> list[tuple[str, set[str]]]:
    """Each input: its text, and what it is of. Parts are one input together."""
    if given is None:
        missing("input")
    if isinstance(given, str):
        return [(given, {"text"})]
    if isinstance(given, list) and given and all(isinstance(each, str) for each in given):
        return [(each, {"text"}) for each in given]
    if not isinstance(given, list) or not given or not all(isinstance(part, dict) for part in given):
        bad("'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.")
    for at, part in enumerate(given):
        if part.get("type") not in ("text", "image_url"):
            wrong_value(f"input[{at}].type", part.get("type"), ("text", "image_url"))
    text = " ".join(str(part.get("text", "")) for part in given)
    return [(text, {"image" if part["type"] == "image_url" else "text" for part in given})]


def _result(text: str, kinds: set[str]) -> bytes:
    found = {name: name.rpartition("/")[2] in text.lower() for name in CATEGORIES}
    scores = {name: 0.9 if hit else 0.0001 for name, hit in found.items()}
    applied = {name: [kind for kind in looked if kind in kinds] for name, looked in CATEGORIES.items()}
    return b'{"flagged":%b,"categories":%b,"category_scores":%b,"category_applied_input_types":%b}' % (
        b"true" if any(found.values()) else b"false",
        json.encode(found),
        json.encode(scores),
        json.encode(applied),
    )
