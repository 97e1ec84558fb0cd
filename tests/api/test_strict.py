"""Strict by request, by key and by process, over all pairs: what would be dropped is refused, and nobody is asked."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from dragoman.core.loss import LossKind
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.client import Client
from support.dialogue import provider
from support.fixtures import FIXTURES, Ask, ask
from support.gateway import HELLO, Gateway
from support.scripted import Scripted, answer
from support.speech import build, parse

PAIRS = [(client, spoken) for client in CLIENTS for spoken in DIALECTS]
WAYS = ("header", "key", "process")


class Call:
    """A gateway that is strict in one way, or in none, before a provider of one dialect."""

    def __init__(self, gateway: Gateway, server: Scripted, headers: dict[str, str]) -> None:
        self.gateway, self.server, self.headers = gateway, server, headers

    async def ask(self, client: str, **more: Any) -> Client:
        door = next(path.pattern.replace("{model}", "p:m") for path in CLIENTS[client].paths if path.operation == "chat")
        body = {**json.loads(ask(client).body), "model": "p:m", **more}
        return await self.gateway.ask(door, body, **self.headers)


@asynccontextmanager
async def strict(folder: Path, spoken: str, way: str) -> AsyncIterator[Call]:
    reply = (FIXTURES / spoken / "answers" / "text.json").read_bytes()
    async with Scripted(lambda _: [answer(200, reply)]) as server:
        record = provider("p", server.url, provider_type="custom", dialects=[spoken])
        async with Gateway(folder, record, strict=way == "process") as gateway:
            headers = {"x_dragoman_strict": "true"} if way == "header" else {}
            if way == "key":
                _, secret = await gateway.app.live.store.create_key({"name": "strict", "strict": True})
                headers["authorization"] = f"Bearer {secret}"
            yield Call(gateway, server, headers)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("client", "spoken"), PAIRS)
async def test_what_would_be_dropped_is_refused(tmp_path: Path, client: str, spoken: str, way: str) -> None:
    """In the client's dialect, by the member's name. Bytes that are copied lose nothing, so they pass."""
    async with strict(tmp_path, spoken, way) as call:
        reply = await call.ask(client, novelty=1.5)
        record = (await call.gateway.recorded())[0]
        if client == spoken:
            assert (reply.status, len(call.server.requests)) == (200, 1)
            return
        assert (reply.status, len(call.server.requests)) == (400, 0)
        told = CLIENTS[client].parse_error(400, (), reply.body)
        assert "novelty" in told.message
        assert (record.status, record.error) == (400, "unsupported")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("client", "spoken"), PAIRS)
async def test_what_is_not_dropped_passes(tmp_path: Path, client: str, spoken: str, way: str) -> None:
    losses = build(parse(Ask(client, "", ask(client).body)), spoken).losses
    spoilt = any(loss.kind in (LossKind.DROPPED, LossKind.REFUSED) for loss in losses)
    async with strict(tmp_path, spoken, way) as call:
        assert (await call.ask(client)).status == (400 if spoilt else 200)


@pytest.mark.parametrize(("client", "spoken"), PAIRS)
async def test_else_it_is_left_out_and_told(tmp_path: Path, client: str, spoken: str) -> None:
    """In the header, and with its reason in the record."""
    async with strict(tmp_path, spoken, "none") as call:
        reply = await call.ask(client, novelty=1.5)
        assert reply.status == 200
        told = '"/novelty";kind=dropped' in reply.headers.get("x-dragoman-losses", "")
        recorded = [(loss.path, loss.kind.value) for loss in (await call.gateway.recorded())[0].losses if loss.why]
        sent = b"novelty" in call.server.requests[0].body
        assert told == (("/novelty", "dropped") in recorded) == (client != spoken) == (not sent)


@pytest.mark.parametrize("way", WAYS)
async def test_another_form_or_a_hint_is_no_reason(tmp_path: Path, way: str) -> None:
    async with strict(tmp_path, "anthropic", way) as call:
        reply = await call.ask("openai-chat", temperature=1.5, store=True)
        assert reply.status == 200
        assert reply.headers["x-dragoman-losses"] == '"/temperature";kind=approximated, "/store";kind=hint'


@pytest.mark.parametrize(
    ("value", "status"), [("true", 400), ("True", 400), ("1", 400), ("?1", 400), ("false", 200), ("0", 200), ("", 200)]
)
async def test_how_the_header_may_be_spelled(tmp_path: Path, value: str, status: int) -> None:
    async with strict(tmp_path, "openai-chat", "none") as call:
        call.headers["x_dragoman_strict"] = value
        assert (await call.ask("anthropic", top_k=5)).status == status


async def test_a_header_switches_nothing_off(tmp_path: Path) -> None:
    async with strict(tmp_path, "openai-chat", "process") as call:
        call.headers["x_dragoman_strict"] = "false"
        assert (await call.ask("anthropic", top_k=5)).status == 400


async def test_a_target_that_loses_less_is_asked(tmp_path: Path) -> None:
    """Strict is about each target, not about the call."""
    async with strict(tmp_path, "openai-chat", "header") as call:
        claude = provider("q", call.server.url, provider_type="custom", dialects=["anthropic"], priority=9)
        await call.gateway.app.live.store.create_provider(claude)
        said = (FIXTURES / "anthropic" / "answers" / "text.json").read_bytes()
        call.server.script = lambda _: [answer(200, said)]
        asked = {"model": "m", "max_tokens": 9, "messages": HELLO, "top_k": 5}
        reply = await call.gateway.ask("/v1/messages", asked, **call.headers)
        assert (reply.status, reply.headers["x-dragoman-target"]) == (200, "q:m")


IMAGE = "iVBORw0KGgo="
INSIDE: dict[str, tuple[dict[str, Any], str]] = {
    "anthropic": ({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": IMAGE}}, "source"),
    "openai-chat": ({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{IMAGE}"}}, "image_url"),
    "openai-responses": ({"type": "input_image", "image_url": f"data:image/png;base64,{IMAGE}"}, ""),
    "gemini": ({"inlineData": {"mimeType": "image/png", "data": IMAGE}}, "inlineData"),
}


@pytest.mark.parametrize("client", CLIENTS)
async def test_an_unknown_member_inside_an_image_is_refused_as_any_other(tmp_path: Path, client: str) -> None:
    part, member = INSIDE[client]
    (part[member] if member else part)["unheard"] = 1
    turns, parts = {"gemini": ("contents", "parts"), "openai-responses": ("input", "content")}.get(
        client, ("messages", "content")
    )
    said = {turns: [{"role": "user", parts: [part]}]}
    spoken = "openai-chat" if client == "anthropic" else "anthropic"
    place = "/".join(filter(None, (f"/{turns}/0/{parts}/0", member, "unheard")))
    async with strict(tmp_path, spoken, "none") as call:
        reply = await call.ask(client, **said)
        assert reply.status == 200
        assert f'"{place}";kind=dropped' in reply.headers["x-dragoman-losses"]
    async with strict(tmp_path / "strict", spoken, "header") as call:
        reply = await call.ask(client, **said)
        assert (reply.status, call.server.requests) == (400, [])
        assert b"unheard" in reply.body
