"""Providers that answer well and remember every request, on a thread of their own, for real processes.

Chat is spoken at paths that end in `/chat/completions`, Messages at `/messages`, counting at `/count_tokens`; whatever is got
by GET is an empty list of models. `plays` puts a script in the place of a good answer for one model, or for one first segment
of a path (`/p1/v1/...`).
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dragoman.wire import json
from support.scripted import PATIENCE, Received, Script, Scripted, answer, chunked

Part = Callable[[Received], Script]
WORDS = ("Hello", " from", " the", " vendor")
TEXT = "".join(WORDS)
REQUEST_ID = ("x-request-id", "req_of_the_vendor")


@dataclass(frozen=True)
class Asked:
    """One request that came in. `place`: the first segment of its path. `secure`: over TLS."""

    request: Received
    secure: bool

    @property
    def path(self) -> str:
        return self.request.target

    @property
    def place(self) -> str:
        return self.path.split("/")[1]

    @property
    def url(self) -> str:
        """As the client had it."""
        return f"{'https' if self.secure else 'http'}://{self.header('host')}{self.path}"

    @property
    def body(self) -> Any:
        return json.decode(self.request.body) if self.request.body else None

    @property
    def headers(self) -> dict[str, str]:
        """Lower-case names."""
        return {name.lower(): value for name, value in self.request.headers}

    def header(self, name: str) -> str | None:
        return self.request.header(name)


class Vendors:
    """`url`, and `secure_port` where there is a certificate. `asked`: all calls, oldest first; not who looks for models."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.port = self.secure_port = 0
        self._plays: dict[str, Part] = {}
        self._tls = tls

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    def since(self, mark: int) -> list[Asked]:
        """What came after `mark = len(vendors.asked)`."""
        return self.asked[mark:]

    @contextlib.contextmanager
    def plays(self, name: str, part: Part) -> Iterator[None]:
        """While the block runs, the model or place `name` is served by `part`."""
        self._plays[name] = part
        try:
            yield
        finally:
            del self._plays[name]

    @contextlib.contextmanager
    def running(self) -> Iterator["Vendors"]:
        started, loops = threading.Event(), list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]()

        async def serve() -> None:
            stop = asyncio.Event()
            loops.append((asyncio.get_running_loop(), stop))
            async with contextlib.AsyncExitStack() as stack:
                self.port = (await stack.enter_async_context(Scripted(self._plain))).port
                if self._tls is not None:
                    self.secure_port = (await stack.enter_async_context(Scripted(self._secured, tls=self._tls))).port
                started.set()
                await stop.wait()

        thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
        thread.start()
        assert started.wait(PATIENCE)
        try:
            yield self
        finally:
            loop, stop = loops[0]
            loop.call_soon_threadsafe(stop.set)
            thread.join(PATIENCE)

    def _plain(self, request: Received) -> Script:
        return self._part(Asked(request, secure=False))

    def _secured(self, request: Received) -> Script:
        return self._part(Asked(request, secure=True))

    def _part(self, asked: Asked) -> Script:
        if asked.request.method == "GET":
            return [answer(200, json.encode({"object": "list", "data": [], "models": []}))]
        self.asked.append(asked)
        body = asked.body or {}
        named = asked.path.rpartition("/")[2].partition(":")[0]
        part = self._plays.get(asked.place) or self._plays.get(body.get("model", named))
        return part(asked.request) if part is not None else good(asked.request)


def good(request: Received) -> Script:
    """What a vendor answers where all is well."""
    path = request.target.partition("?")[0]
    body = json.decode(request.body) if request.body else {}
    model = body.get("model", "unnamed")
    if path.endswith("/count_tokens"):
        return [answer(200, json.encode({"input_tokens": 77}))]
    if path.endswith("/responses"):
        return _responses(model, bool(body.get("stream")))
    if path.endswith(GENERATES):
        return _gemini(path.endswith(GENERATES[1]))
    if path.endswith("/messages"):
        return _messages(model, bool(body.get("stream")))
    return _chat(model, bool(body.get("stream")), body.get("stream_options") or {})


GENERATES = (":generateContent", ":streamGenerateContent")


def failing(status: int, message: str = "the vendor says no", **headers: str) -> Part:
    """A part that refuses every call, in OpenAI's shape. `retry_after="1"` is a header."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    body = json.encode({"error": {"message": message, "type": kind, "param": None, "code": None}})
    given = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return lambda _: [answer(status, body, given)]


def _chat(model: str, stream: bool, options: dict[str, Any]) -> Script:
    head = {"id": "chatcmpl-vendor", "created": 1, "model": model}
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
    if not stream:
        choice = {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
        whole = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
        return [answer(200, json.encode(whole), [REQUEST_ID])]
    deltas = [{"role": "assistant", "content": ""}, *({"content": word} for word in WORDS), {}]
    last = len(deltas) - 1
    chunks: list[dict[str, Any]] = [
        {
            **head,
            "object": "chat.completion.chunk",
            "choices": [{"index": 0, "delta": delta, "finish_reason": "stop" if place == last else None}],
        }
        for place, delta in enumerate(deltas)
    ]
    if options.get("include_usage"):
        chunks.append({**head, "object": "chat.completion.chunk", "choices": [], "usage": usage})
    return chunked(*(b"data: %b\n\n" % json.encode(chunk) for chunk in chunks), b"data: [DONE]\n\n")


def _responses(model: str, stream: bool) -> Script:
    usage = {"input_tokens": 9, "output_tokens": 4, "total_tokens": 13}
    part = {"type": "output_text", "text": TEXT, "annotations": []}
    item = {"id": "msg_vendor", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    begun = {"id": "resp_vendor", "object": "response", "created_at": 1, "model": model, "status": "in_progress", "output": []}
    ended = {**begun, "status": "completed", "output": [item], "usage": usage}
    if not stream:
        return [answer(200, json.encode(ended), [REQUEST_ID])]
    at: dict[str, Any] = {"item_id": "msg_vendor", "output_index": 0, "content_index": 0}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "in_progress", "content": []}},
        {"type": "response.content_part.added", **at, "part": {**part, "text": ""}},
        *({"type": "response.output_text.delta", **at, "delta": word} for word in WORDS),
        {"type": "response.output_text.done", **at, "text": TEXT},
        {"type": "response.content_part.done", **at, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": ended},
    ]
    told = [{**event, "sequence_number": place} for place, event in enumerate(events)]
    return chunked(*(b"event: %b\ndata: %b\n\n" % (str(event["type"]).encode(), json.encode(event)) for event in told))


def _gemini(stream: bool) -> Script:
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 4, "totalTokenCount": 13}

    def said(text: str, **more: Any) -> dict[str, Any]:
        return {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0, **more}]}

    if not stream:
        return [answer(200, json.encode({**said(TEXT, finishReason="STOP"), "usageMetadata": usage}), [REQUEST_ID])]
    last = {**said("", finishReason="STOP"), "usageMetadata": usage}
    return chunked(*(b"data: %b\r\n\r\n" % json.encode(chunk) for chunk in (*map(said, WORDS), last)))


def _messages(model: str, stream: bool) -> Script:
    message = {"id": "msg_vendor", "type": "message", "role": "assistant", "model": model, "stop_sequence": None}
    usage = {"input_tokens": 9, "output_tokens": 4}
    if not stream:
        content = [{"type": "text", "text": TEXT}]
        return [
            answer(200, json.encode({**message, "content": content, "stop_reason": "end_turn", "usage": usage}), [REQUEST_ID])
        ]
    start: dict[str, Any] = {**message, "content": [], "stop_reason": None, "usage": {"input_tokens": 9, "output_tokens": 1}}
    deltas = [{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}} for word in WORDS]
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *deltas,
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 4}},
        {"type": "message_stop"},
    ]
    return chunked(*(b"event: %b\ndata: %b\n\n" % (str(event["type"]).encode(), json.encode(event)) for event in events))
