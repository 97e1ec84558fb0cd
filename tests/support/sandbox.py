"""A raw client for the sandbox's tests: it reads what really came over the socket, and how it ended."""

import asyncio
import zlib
from typing import Any

from msgspec import Struct

from dragoman.sandbox import Sandbox
from dragoman.wire import json

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
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
        """The JSON of every data line, in order; `[DONE]` as text."""
        lines = [line[6:] for line in self.body.split(b"\n") if line.startswith(b"data: ")]
        return ["[DONE]" if line == b"[DONE]" else json.decode(line) for line in lines]


def request(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    given = {"host": "sandbox", "content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def generation(path: str, model: str, *, stream: bool = False, **more: Any) -> bytes:
    body: dict[str, Any] = {"model": model, "messages": HELLO, "stream": stream, **more}
    if path == MESSAGES:
        body.setdefault("max_tokens", 1000)
    return request("POST", path, json.encode(body), VERSION if path == MESSAGES else {})


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
    if path == CHAT:
        return str(answer["choices"][0]["message"]["content"])
    return "".join(block["text"] for block in answer["content"] if block["type"] == "text")


def text_of_stream(path: str, data: list[Any]) -> str:
    if path == CHAT:
        deltas = [choice["delta"] for chunk in data if chunk != "[DONE]" for choice in chunk.get("choices", ())]
        return "".join(delta.get("content") or "" for delta in deltas)
    return "".join(event["delta"].get("text", "") for event in data if event["type"] == "content_block_delta")


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
