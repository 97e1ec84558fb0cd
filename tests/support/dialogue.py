"""Dialogues: a gateway with one scripted provider after the other, all of them having the model `m`."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from support.gateway import Gateway
from support.scripted import Received, Scripted, Step, answer, event_stream

CHUNK = b'{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[{"index":0,"delta":%b,'
CHUNK += b'"finish_reason":%b}]}'
ROLE = CHUNK % (b'{"role":"assistant","content":""}', b"null")
STOP = CHUNK % (b"{}", b'"stop"')
WHOLE = (
    b'{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"real-model","choices":[{"index":0,"message":{"role":'
    b'"assistant","content":"Hi from %b"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}'
)
ERROR = b'{"error":{"message":"the vendor says no","type":"%b","code":null,"param":null}}'


def said(text: bytes) -> bytes:
    return CHUNK % (b'{"content":"%b"}' % text, b"null")


GOOD = [ROLE, said(b"Hi"), said(b" there"), STOP, b"[DONE]"]


def good(request: Received) -> list[Step]:
    if b'"stream":true' in request.body.replace(b" ", b""):
        return event_stream(*GOOD)
    return [answer(200, WHOLE % b"good")]


def provider(name: str, url: str, **more: Any) -> dict[str, Any]:
    record = {"name": name, "provider_type": "openai", "base_url": url + "/v1", "api_key": f"key-of-{name}", "models": ["m"]}
    return {**record, "dialects": ["openai-chat"], **more}


class Scene:
    """A gateway with one scripted provider after the other, all of them having the model `m`."""

    def __init__(self, gateway: Gateway, servers: list[Scripted]) -> None:
        self.gateway, self.servers = gateway, servers

    @property
    def asked(self) -> list[int]:
        return [len(server.requests) for server in self.servers]


async def scene(stack: AsyncExitStack, folder: Path, *scripts: Any, **settings: Any) -> Scene:
    """Closed with `stack`."""
    servers = [await stack.enter_async_context(Scripted(script)) for script in scripts]
    records = [provider(f"p{place}", server.url) for place, server in enumerate(servers, 1)]
    return Scene(await stack.enter_async_context(Gateway(folder, *records, **settings)), servers)
