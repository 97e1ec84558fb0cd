"""The provider both proxies ask: canned answers over raw asyncio, so that its own cost stays out of the way.

The model name in the body says what comes: `stream` = 200 chunks, one every 10 ms; anything else = a small whole answer.
"""

import asyncio
import sys

import httptools

CHUNKS = 200
PACE = 0.01
CHAT = (
    b'{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"bench","choices":[{"index":0,"message":'
    b'{"role":"assistant","content":"A short answer of a few words."},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":12,"completion_tokens":8,"total_tokens":20}}'
)
MESSAGES = (
    b'{"id":"msg_1","type":"message","role":"assistant","model":"bench","content":[{"type":"text","text":"A short answer of a '
    b'few words."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":8}}'
)
_CHUNK = (
    b'{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"bench","choices":[{"index":0,"delta":%b,'
)
_CHUNK += b'"finish_reason":%b}]}'


def chat_stream() -> list[bytes]:
    """The frames of a streamed Chat answer."""
    middle = [_CHUNK % (b'{"content":"word "}', b"null")] * CHUNKS
    usage = b'{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"bench","choices":[],"usage":'
    usage += b'{"prompt_tokens":12,"completion_tokens":200,"total_tokens":212}}'
    payloads = [_CHUNK % (b'{"role":"assistant","content":""}', b"null"), *middle, _CHUNK % (b"{}", b'"stop"'), usage, b"[DONE]"]
    return [b"data: %b\n\n" % payload for payload in payloads]


class Provider(asyncio.Protocol):
    """One connection; requests one after the other."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._parser = httptools.HttpRequestParser(self)
        self._body = bytearray()
        self._url = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._body.clear()

    def on_url(self, url: bytes) -> None:
        self._url = url

    def on_body(self, data: bytes) -> None:
        self._body += data

    def on_message_complete(self) -> None:
        if b'"stream":true' in self._body or b'"stream": true' in self._body:
            _Stream(self._transport)
            return
        answer = MESSAGES if self._url.endswith(b"/messages") else CHAT
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(answer)
        self._transport.write(head + answer)


class _Stream:
    """Writes one frame a tick."""

    _frames = chat_stream()

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport, self._next = transport, 0
        self._loop = asyncio.get_running_loop()
        transport.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        self._due = self._loop.time()
        self._tick()

    def _tick(self) -> None:
        if self._transport.is_closing():
            return
        frame = self._frames[self._next]
        self._transport.write(b"%x\r\n%b\r\n" % (len(frame), frame))
        self._next += 1
        if self._next == len(self._frames):
            self._transport.write(b"0\r\n\r\n")
            return
        self._due += PACE
        self._loop.call_at(self._due, self._tick)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", port)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
