"""The provider both proxies ask: canned answers over raw asyncio, so that its own cost stays out of the way.

Rule: the path says which dialect is spoken; a stream is asked for in the body, or in the path where the dialect has it there.
"""

import asyncio
import sys

import httptools

from benchmarks.speech import ANTHROPIC, CHAT, GEMINI, RESPONSES, Speech

PACE = 0.01
_ENDS = ((b"/messages", ANTHROPIC), (b"/responses", RESPONSES), (b"GenerateContent", GEMINI), (b":generateContent", GEMINI))


def spoken(path: bytes) -> Speech:
    return next((speech for end, speech in _ENDS if path.endswith(end)), CHAT)


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
        path = self._url.partition(b"?")[0]
        speech = spoken(path)
        if path.endswith(b":streamGenerateContent") or b'"stream":true' in self._body or b'"stream": true' in self._body:
            _Stream(self._transport, speech.frames)
            return
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(speech.whole)
        self._transport.write(head + speech.whole)


class _Stream:
    """Writes one frame a tick."""

    def __init__(self, transport: asyncio.Transport, frames: tuple[bytes, ...]) -> None:
        self._transport, self._frames, self._next = transport, frames, 0
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
