"""Vertex AI behind a running gateway: tokens out of a service account, and Claude in the Copy lane."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from support.clouds import Issuer, asserted, service_account
from support.dialogue import good
from support.gateway import Gateway
from support.scripted import CLOSE, Received, Script, Scripted, answer
from support.vendors import good as well

CLAUDE = "claude-sonnet-4-5@20250929"
PLACE = "/v1/projects/my-project/locations/europe-west1"


def vertex(url: str, key: str, **more: Any) -> dict[str, Any]:
    record = {"name": "Vertex", "provider_type": "vertex-ai", "base_url": url + PLACE, "api_key": key, "models": [CLAUDE]}
    return {**record, **more}


def claude(request: Received) -> Script:
    """As Anthropic answers, whatever the path."""
    request.target = "/v1/messages/count_tokens" if "count-tokens" in request.target else "/v1/messages"
    return well(request)


@pytest.fixture
async def stack() -> Any:
    async with AsyncExitStack() as found:
        yield found


async def playing(
    stack: AsyncExitStack, folder: Path, script: Any = claude, issuer: Issuer | None = None, **more: Any
) -> tuple[Gateway, Scripted, Issuer]:
    found = issuer or Issuer()
    await stack.enter_async_context(found.server)
    server = await stack.enter_async_context(Scripted(script))
    key = more.pop("api_key", None) or service_account(found.url)
    return await stack.enter_async_context(Gateway(folder, vertex(server.url, key, **more))), server, found


async def test_a_token_is_made_of_a_service_account_and_kept(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server, issuer = await playing(stack, tmp_path)
    for _ in range(2):
        assert (await gateway.messages(CLAUDE)).status == 200
    assert [request.header("authorization") for request in server.requests] == ["Bearer token-1"] * 2
    claims = asserted(issuer.asked[0])
    assert claims["iss"] == "dragoman@project.iam.gserviceaccount.com"
    assert claims["aud"] == issuer.url
    assert claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"
    assert claims["exp"] - claims["iat"] == 3600
    assert abs(claims["iat"] - time.time()) < 600
    assert len(issuer.asked) == 1


async def test_claude_is_copied_to_raw_predict(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server, _ = await playing(stack, tmp_path)
    body = b'{"model":"%b","max_tokens":9,"temperature":1.50,"stream":%b,"messages":[ {"role":"user","content":"Hi"} ]}'
    betas = "context-1m-2025-08-07, files-api-2025-04-14"
    for stream, method in ((b"false", "rawPredict"), (b"true", "streamRawPredict")):
        reply = await gateway.ask(
            "/v1/messages", body % (CLAUDE.encode(), stream), anthropic_version="2023-06-01", anthropic_beta=betas
        )
        assert reply.status == 200
        request = server.requests[-1]
        name = "claude-sonnet-4-5%4020250929"
        assert request.raw.split(b" ")[1].decode() == f"{PLACE}/publishers/anthropic/models/{name}:{method}"
        assert request.body == (
            b'{"max_tokens":9,"temperature":1.50,"stream":%b,"messages":[ {"role":"user","content":"Hi"} ],'
            b'"anthropic_version":"vertex-2023-10-16"}' % stream
        )
        assert request.header("anthropic-beta") == "context-1m-2025-08-07"
        assert request.header("anthropic-version") is None
    assert {record.lane for record in await gateway.recorded(2)} == {"copy"}


async def test_tokens_are_counted_by_the_host(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server, _ = await playing(stack, tmp_path)
    body = {"model": CLAUDE, "messages": [{"role": "user", "content": "Hi"}]}
    reply = await gateway.ask("/v1/messages/count_tokens", body)
    assert reply.json == {"input_tokens": 77}
    request = server.requests[0]
    assert request.raw.split(b" ")[1].decode() == f"{PLACE}/publishers/anthropic/models/count-tokens:rawPredict"
    assert json.loads(request.body) == {**body, "anthropic_version": "vertex-2023-10-16"}


async def test_a_chat_client_is_translated_to_claude(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server, _ = await playing(stack, tmp_path)
    reply = await gateway.chat(CLAUDE, stream=True)
    assert b"vendor" in reply.body
    assert "model" not in json.loads(server.requests[0].body)


async def test_one_token_serves_all_who_wait_for_it(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server, issuer = await playing(stack, tmp_path)
    replies = await asyncio.gather(*(gateway.messages(CLAUDE) for _ in range(12)))
    assert {reply.status for reply in replies} == {200}
    assert len(issuer.asked) == 1
    assert {request.header("authorization") for request in server.requests} == {"Bearer token-1"}


async def test_a_token_that_ends_is_renewed_in_time(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server, issuer = await playing(stack, tmp_path, issuer=Issuer(lasts=0))
    for _ in range(3):
        await gateway.messages(CLAUDE)
    assert [request.header("authorization") for request in server.requests] == [f"Bearer token-{n}" for n in (1, 2, 3)]
    assert len(issuer.asked) == 3


async def test_a_token_that_is_refused_is_forgotten(stack: AsyncExitStack, tmp_path: Path) -> None:
    def script(request: Received) -> Script:
        if request.header("authorization") == "Bearer token-1":
            return [answer(401, b'{"error":{"code":401,"message":"token-1 has expired","status":"UNAUTHENTICATED"}}')]
        return claude(request)

    gateway, _, issuer = await playing(stack, tmp_path, script)
    first = await gateway.messages(CLAUDE)
    assert first.status == 502
    assert b"token-1" not in first.body
    assert (await gateway.messages(CLAUDE)).status == 200
    assert len(issuer.asked) == 2


async def test_what_the_issuer_says_is_told_and_the_clients_key_is_not_at_fault(stack: AsyncExitStack, tmp_path: Path) -> None:
    refusal = b'{"error":"invalid_grant","error_description":"Invalid JWT Signature."}'
    gateway, server, _ = await playing(stack, tmp_path, issuer=Issuer(script=lambda _: [answer(400, refusal)]))
    reply = await gateway.messages(CLAUDE)
    assert reply.status == 502
    attempt = (await gateway.recorded())[0].attempts[0]
    assert (attempt.error, attempt.message) == ("auth", "no token: invalid_grant: Invalid JWT Signature.")
    assert server.requests == []


@pytest.mark.parametrize("script", [lambda _: [CLOSE], lambda _: [answer(503)], lambda _: [answer(200, b"<html>")]])
async def test_an_issuer_that_fails_fails_the_call_and_the_next_one_asks_again(
    stack: AsyncExitStack, tmp_path: Path, script: Any
) -> None:
    issuer = Issuer(script=script)
    gateway, server, _ = await playing(stack, tmp_path, issuer=issuer)
    assert (await gateway.messages(CLAUDE)).status >= 500
    asked = len(issuer.asked)
    assert (await gateway.messages(CLAUDE)).status >= 500
    assert len(issuer.asked) > asked
    assert server.requests == []


async def test_a_users_own_login_out_of_a_file(stack: AsyncExitStack, tmp_path: Path) -> None:
    issuer = Issuer()
    await stack.enter_async_context(issuer.server)
    login = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r", "token_uri": issuer.url}
    file = tmp_path / "adc.json"
    file.write_text(json.dumps(login, indent=2))
    server = await stack.enter_async_context(Scripted(claude))
    gateway = await stack.enter_async_context(Gateway(tmp_path, vertex(server.url, str(file))))
    assert (await gateway.messages(CLAUDE)).status == 200
    assert parse_qs(issuer.asked[0].body.decode()) == {
        "grant_type": ["refresh_token"], "client_id": ["c"], "client_secret": ["s"], "refresh_token": ["r"],
    }  # fmt: skip
    assert server.requests[0].header("authorization") == "Bearer token-1"


@pytest.mark.parametrize("text", [None, "{}", '{"type":"external_account"}', "no json"])
async def test_a_file_that_holds_none_is_told(stack: AsyncExitStack, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "adc.json"
    if text is not None:
        file.write_text(text)
    server = await stack.enter_async_context(Scripted(claude))
    gateway = await stack.enter_async_context(Gateway(tmp_path, vertex(server.url, str(file))))
    assert (await gateway.messages(CLAUDE)).status == 502
    assert "api_key" in ((await gateway.recorded())[0].attempts[0].message or "")


@pytest.mark.parametrize(
    ("key", "header", "value"),
    [
        ("ya29.a-token", "authorization", "Bearer ya29.a-token"),
        ("AIzaSyA-0123456789", "x-goog-api-key", "AIzaSyA-0123456789"),
        ("AQ.Ab8RN6-express", "x-goog-api-key", "AQ.Ab8RN6-express"),
    ],
)
async def test_plain_keys_are_sent_as_they_are(stack: AsyncExitStack, tmp_path: Path, key: str, header: str, value: str) -> None:
    gateway, server, issuer = await playing(stack, tmp_path, api_key=key)
    await gateway.messages(CLAUDE)
    assert server.requests[0].header(header) == value
    assert issuer.asked == []


async def test_gemini_through_the_compatible_endpoint(stack: AsyncExitStack, tmp_path: Path) -> None:
    """Where its own dialect is not asked: the model's name has its publisher before it."""
    gateway, server, _ = await playing(stack, tmp_path, good, models=["gemini-2.5-flash"], dialects=["openai-chat"])
    await gateway.chat("gemini-2.5-flash")
    request = server.requests[0]
    assert request.target == f"{PLACE}/endpoints/openapi/chat/completions"
    assert json.loads(request.body)["model"] == "google/gemini-2.5-flash"
    assert request.header("authorization") == "Bearer token-1"
