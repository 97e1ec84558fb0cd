"""`POST /v1/embeddings`, as OpenAI answers (API reference, 2026-11)."""

from typing import Any

from dragoman.sandbox.endpoints.vectors import packed, tokens, vector
from dragoman.sandbox.openai import whole
from dragoman.sandbox.openai_rules import bad, check_range, missing, read_body, wrong_type, wrong_value
from dragoman.sandbox.reply import Incoming, Reply
from dragoman.wire import json

SIZE, LARGE, MOST = 1536, 3072, 2048
"""Numbers in a vector: of most models, of those called large; inputs in one call."""


def embed(call: Incoming) -> Reply:
    body = read_body(call)
    model = body.get("model")
    if not isinstance(model, str) or not model:
        missing("model")
    texts = _texts(body.get("input"))
    form = body.get("encoding_format", "float")
    if form not in ("float", "base64"):
        wrong_value("encoding_format", form, ("float", "base64"))
    size = body.get("dimensions", LARGE if "large" in model else SIZE)
    if not isinstance(size, int) or isinstance(size, bool):
        wrong_type("dimensions", "an integer", size)
    check_range("dimensions", size, "integer", 1, LARGE)
    rows = (_row(at, text, size, form) for at, text in enumerate(texts))
    used = sum(tokens(text) for text in texts)
    told = b'{"object":"list","data":[%b],"model":%b,"usage":{"prompt_tokens":%d,"total_tokens":%d}}'
    return whole(call, told % (b",".join(rows), json.encode(model), used, used), model=model)


def _row(at: int, text: str, size: int, form: str) -> bytes:
    values = vector(text, size)
    told = json.encode(values if form == "float" else packed(values))
    return b'{"object":"embedding","index":%d,"embedding":%b}' % (at, told)


def _texts(given: Any) -> list[str]:
    """Each input as text; one of tokens as their numbers."""
    if given is None:
        missing("input")
    several = given if isinstance(given, list) else [given]
    if several and all(_is_token(each) for each in several):
        several = [several]
    if not several or len(several) > MOST or not all(_is_input(each) for each in several):
        bad("'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.")
    return [each if isinstance(each, str) else json.text(each) for each in several]


def _is_input(given: Any) -> bool:
    tokens_ = isinstance(given, list) and all(_is_token(each) for each in given)
    return (isinstance(given, str) or tokens_) and len(given) > 0


def _is_token(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)
