"""A raw client for the sandbox's tests: it reads what really came over the socket, and how it ended."""

import asyncio
import zlib
from typing import Any

from msgspec import Struct

from dragoman.sandbox import Sandbox
from dragoman.wire import json

CHAT, MESSAGES, RESPONSES, GEMINI = "/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1beta/models"
GEMINI_ARRAY = "/v1/models"
"""Gemini without `alt=sse`: its stream is one JSON array."""
OLLAMA, COHERE = "/api/chat", "/v2/chat"
DIALECTS = (CHAT, MESSAGES, RESPONSES, GEMINI, OLLAMA, COHERE)
VERSION = {"anthropic-version": "2023-06-01"}
HELLO = [{"role": "user", "content": "Hello there, dear sandbox"}]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"enum": ["c", "f"]}},
    "required": ["city", "unit"],
    "additionalProperties": False,
}
CHAT_TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]
MESSAGES_TOOLS = [{"name": "get_weather", "input_schema": SCHEMA}]
RESPONSES_TOOLS = [{"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": True}]
GEMINI_TOOLS = [{"functionDeclarations": [{"name": "get_weather", "parametersJsonSchema": SCHEMA}]}]
TOOLS: dict[str, Any] = {CHAT: CHAT_TOOLS, MESSAGES: MESSAGES_TOOLS, RESPONSES: RESPONSES_TOOLS, GEMINI: GEMINI_TOOLS}


class Raw(Struct):
    """An answer as it came. `ending`: complete, cut, reset or silence. `body` without chunk framing, as far as it came."""

    status: int | None
    headers: dict[str, str]
    body: bytes
    ending: str
    reads: int = 0

    @property
    def json(self) -> Any:
        return json.decode(self.body)

    @property
    def data(self) -> list[Any]:
        """The JSON of every data line, in order, `[DONE]` as text; of every item of an array in pieces; of every line."""
        if self.headers.get("content-type") == "application/x-ndjson":
            return [json.decode(line) for line in self.body.splitlines()]
        if self.body.startswith(b"["):
            return [json.decode(item) for item in self.body.removeprefix(b"[").removesuffix(b"\n]").split(b",\r\n")]
        lines = [line[6:] for line in self.body.split(b"\n") if line.startswith(b"data: ")]
        return ["[DONE]" if line == b"[DONE]" else json.decode(line) for line in lines]


def request(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    given = {"host": "sandbox", "content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def target(path: str, model: str, *, stream: bool = False) -> str:
    """Where a model is asked, with the query."""
    if path not in (GEMINI, GEMINI_ARRAY):
        return path
    method = "streamGenerateContent" if stream else "generateContent"
    return f"{path}/{model}:{method}{'?alt=sse' if stream and path == GEMINI else ''}"


def body_of(path: str, model: str, *, stream: bool = False, messages: Any = HELLO, **more: Any) -> dict[str, Any]:
    """What is sent. `messages`: as Chat has them, texts only."""
    match path:
        case "/v1/responses":
            return {"model": model, "input": messages, "stream": stream, **more}
        case "/v1beta/models" | "/v1/models":
            roles = {"user": "user", "assistant": "model"}
            return {"contents": [{"role": roles[m["role"]], "parts": [{"text": m["content"]}]} for m in messages], **more}
        case "/v1/messages":
            return {"model": model, "max_tokens": 1000, "messages": messages, "stream": stream, **more}
    return {"model": model, "messages": messages, "stream": stream, **more}


def headers_of(path: str) -> dict[str, str]:
    return VERSION if path.startswith(MESSAGES) else {}


def generation(path: str, model: str, *, stream: bool = False, **more: Any) -> bytes:
    body = body_of(path, model, stream=stream, **more)
    return request("POST", target(path, model, stream=stream), json.encode(body), headers_of(path))


async def ask(sandbox: Sandbox, sent: bytes, *, patience: float = 5.0) -> Raw:
    """Send one request on a connection of its own; read until the answer is complete, broken, or silent for `patience`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    writer.write(sent)
    got, reads, ending = b"", 0, "cut"
    try:
        while True:
            data = await asyncio.wait_for(reader.read(65536), patience)
            if not data:
                break
            got += data
            reads += 1
            if _complete(got):
                ending = "complete"
                break
    except TimeoutError:
        ending = "silence"
    except ConnectionResetError:
        ending = "reset"
    writer.close()
    raw = _parsed(got)
    raw.ending, raw.reads = ending, reads
    return raw


async def say(sandbox: Sandbox, path: str, model: str = "any", *, patience: float = 5.0, **more: Any) -> Raw:
    return await ask(sandbox, generation(path, model, **more), patience=patience)


def text_of(path: str, answer: Any) -> str:
    """The text of a whole answer."""
    match path:
        case "/v1/chat/completions":
            return str(answer["choices"][0]["message"]["content"])
        case "/v1/messages":
            return "".join(block["text"] for block in answer["content"] if block["type"] == "text")
        case "/api/chat":
            return str(answer["message"]["content"])
        case "/v2/chat":
            return "".join(part.get("text", "") for part in answer["message"].get("content", ()))
        case "/v1/responses":
            parts = [part for item in answer["output"] if item["type"] == "message" for part in item["content"]]
            return "".join(part.get("text", "") for part in parts)
    return _gemini_text(answer)


def text_of_stream(path: str, data: list[Any]) -> str:
    match path:
        case "/v1/chat/completions":
            deltas = [choice["delta"] for chunk in data if chunk != "[DONE]" for choice in chunk.get("choices", ())]
            return "".join(delta.get("content") or "" for delta in deltas)
        case "/v1/messages":
            return "".join(event["delta"].get("text", "") for event in data if event["type"] == "content_block_delta")
        case "/api/chat":
            return "".join(chunk["message"]["content"] for chunk in data if "message" in chunk)
        case "/v2/chat":
            deltas = [event["delta"]["message"]["content"] for event in data if event["type"] == "content-delta"]
            return "".join(delta.get("text", "") for delta in deltas)
        case "/v1/responses":
            return "".join(event["delta"] for event in data if event["type"] == "response.output_text.delta")
    return "".join(_gemini_text(chunk) for chunk in data)


def reason_of(path: str, answer: Any) -> str | None:
    """Why a whole answer ended, in the vendor's word."""
    match path:
        case "/v1/chat/completions":
            return _text(answer["choices"][0]["finish_reason"])
        case "/v1/messages":
            return _text(answer["stop_reason"])
        case "/api/chat":
            return _text(answer.get("done_reason"))
        case "/v2/chat":
            return _text(answer["finish_reason"])
        case "/v1/responses":
            return _text((answer["incomplete_details"] or {}).get("reason", answer["status"]))
    feedback = answer.get("promptFeedback", {}).get("blockReason")
    return _text(feedback or answer["candidates"][0].get("finishReason"))


def reason_of_stream(path: str, data: list[Any]) -> str | None:
    match path:
        case "/v1/chat/completions":
            told = [c["choices"][0]["finish_reason"] for c in data if c != "[DONE]" and c["choices"]]
        case "/v1/messages":
            told = [event["delta"]["stop_reason"] for event in data if event["type"] == "message_delta"]
        case "/v2/chat":
            told = [event["delta"]["finish_reason"] for event in data if event["type"] == "message-end"]
        case "/v1/responses":
            ended = ("response.completed", "response.incomplete", "response.failed")
            told = [reason_of(path, event["response"]) for event in data if event["type"] in ended]
        case _:
            told = [reason_of(path, chunk) for chunk in data]
    return next((each for each in reversed(told) if each is not None), None)


def _gemini_text(answer: Any) -> str:
    parts = [part for one in answer.get("candidates", ())[:1] for part in one["content"].get("parts", ())]
    return "".join(part["text"] for part in parts if "text" in part and not part.get("thought"))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _split(got: bytes) -> tuple[int | None, dict[str, str], bytes]:
    head, found, rest = got.partition(b"\r\n\r\n")
    if not found:
        return None, {}, b""
    lines = head.decode("latin-1").split("\r\n")
    pairs = (line.split(": ", 1) for line in lines[1:])
    return int(lines[0].split(" ")[1]), {name.lower(): value for name, value in pairs}, rest


def _complete(got: bytes) -> bool:
    status, headers, rest = _split(got)
    if status is None:
        return False
    if "content-length" in headers:
        return len(rest) >= int(headers["content-length"])
    return rest.endswith(b"0\r\n\r\n")


def _parsed(got: bytes) -> Raw:
    status, headers, rest = _split(got)
    body = _unchunked(rest) if headers.get("transfer-encoding") == "chunked" else rest
    if headers.get("content-encoding") == "gzip":
        body = zlib.decompress(body, wbits=31)
    return Raw(status, headers, body, "")


def _unchunked(rest: bytes) -> bytes:
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size or b"0", 16)
        body += rest[:length]
        rest = rest[length + 2 :]
    return body
