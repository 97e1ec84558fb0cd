"""`POST /v1/images/generations`, as OpenAI answers (API reference, 2026-11): always the same picture, of one pixel."""

from typing import Any

from dragoman.sandbox.endpoints.vectors import tokens
from dragoman.sandbox.openai import stream_headers, whole
from dragoman.sandbox.openai_rules import check_range, missing, read_body, wrong_type, wrong_value
from dragoman.sandbox.reply import Incoming, Reply
from dragoman.wire import json

PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
URL = b"https://example.com/sandbox.png"
MOST, MOST_PARTIAL, IMAGE_TOKENS = 10, 3, 1056
USUAL = {"background": "opaque", "output_format": "png", "quality": "medium", "size": "1024x1024"}
"""What a picture is like where nothing, or auto, is said."""


def generate(call: Incoming) -> Reply:
    body = read_body(call)
    prompt, model = body.get("prompt"), str(body.get("model", "gpt-image-1"))
    if prompt is None:
        missing("prompt")
    if not isinstance(prompt, str):
        wrong_type("prompt", "a string", prompt)
    count = _count(body, "n", 1, MOST)
    form = body.get("response_format", "b64_json")
    if form not in ("b64_json", "url"):
        wrong_value("response_format", form, ("b64_json", "url"))
    if body.get("stream") is True:
        return _stream(call, body, model, prompt)
    one = b'{"b64_json":"%b"}' % PIXEL if form == "b64_json" else b'{"url":"%b"}' % URL
    data = b",".join([one] * count)
    told = b'{"created":%d,%b,"data":[%b],"usage":%b}' % (call.now, _look(body), data, _usage(prompt, count))
    return whole(call, told, model=model)


def _stream(call: Incoming, body: dict[str, Any], model: str, prompt: str) -> Reply:
    told = b'"created_at":%d,"b64_json":"%b",%b' % (call.now, PIXEL, _look(body))
    frame = b'event: image_generation.%b\ndata: {"type":"image_generation.%b",%b}\n\n'
    partial, done = b"partial_image", b"completed"
    early = range(_count(body, "partial_images", 0, MOST_PARTIAL))
    frames = [frame % (partial, partial, b'"partial_image_index":%d,%b' % (at, told)) for at in early]
    frames.append(frame % (done, done, b'%b,"usage":%b' % (told, _usage(prompt, 1))))
    return Reply(headers=stream_headers(call), frames=tuple(frames), ending=len(frames) - 1, stream=True, model=model)


def _count(body: dict[str, Any], name: str, least: int, most: int) -> int:
    count = body.get(name, least)
    if not isinstance(count, int) or isinstance(count, bool):
        wrong_type(name, "an integer", count)
    check_range(name, count, "integer", least, most)
    return count


def _look(body: dict[str, Any]) -> bytes:
    return json.encode({name: usual if body.get(name, "auto") == "auto" else body[name] for name, usual in USUAL.items()})[1:-1]


def _usage(prompt: str, count: int) -> bytes:
    asked, drawn = tokens(prompt), IMAGE_TOKENS * count
    return (
        b'{"input_tokens":%d,"input_tokens_details":{"image_tokens":0,"text_tokens":%d},"output_tokens":%d,"total_tokens":%d}'
        % (asked, asked, drawn, asked + drawn)
    )
