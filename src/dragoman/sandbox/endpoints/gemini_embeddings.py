"""`:embedContent` and `:batchEmbedContents`, as Google answers (API reference, 2026-11)."""

from typing import Any

from dragoman.sandbox.endpoints.vectors import tokens, vector
from dragoman.sandbox.gemini_contents import check_contents
from dragoman.sandbox.gemini_errors import whole
from dragoman.sandbox.gemini_request import model_and_method, read_body
from dragoman.sandbox.gemini_rules import bad, many
from dragoman.sandbox.reply import Incoming, Reply
from dragoman.wire import json

SIZE = 3072
"""Numbers in a vector, where nothing is said."""


def embed(call: Incoming) -> Reply:
    values, used = _embedded(read_body(call), "EmbedContentRequest", "")
    body = b'{"embedding":%b,"usageMetadata":{"promptTokenCount":%d}}' % (values, used)
    return whole(call, body, model=model_and_method(call)[0])


def embed_several(call: Incoming) -> Reply:
    """Each request names the model again."""
    model = model_and_method(call)[0]
    requests = many(read_body(call).get("requests"))
    if not requests:
        bad("* BatchEmbedContentsRequest.requests: requests must not be empty\n")
    found = []
    for at, request in enumerate(requests):
        if not isinstance(request, dict) or request.get("model") != f"models/{model}":
            bad(f"* BatchEmbedContentsRequest.requests[{at}].model: must be models/{model}\n")
        found.append(_embedded(request, "BatchEmbedContentsRequest", f"requests[{at}]."))
    used = sum(count for _, count in found)
    values = b",".join(value for value, _ in found)
    return whole(call, b'{"embeddings":[%b],"usageMetadata":{"promptTokenCount":%d}}' % (values, used), model=model)


def _embedded(request: dict[str, Any], kind: str, where: str) -> tuple[bytes, int]:
    if "content" not in request:
        bad(f"* {kind}.{where}content: content is not specified\n")
    text = "\n".join(check_contents(request["content"], f"{where}content"))
    size = request.get("outputDimensionality", SIZE)
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= SIZE:
        bad(f"* {kind}.{where}output_dimensionality: must be in the range [1, {SIZE}]\n")
    return b'{"values":%b}' % json.encode(vector(text, size)), tokens(text)
