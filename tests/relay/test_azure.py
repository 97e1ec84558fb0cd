"""Azure OpenAI behind a running gateway: deployments, the v1 API, Claude, Entra, and what it answers in its own way."""

import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from support.clouds import Issuer
from support.dialogue import GOOD, good
from support.gateway import Gateway
from support.scripted import Received, Script, Scripted, answer, event_stream
from support.vendors import good as well

FILTERED = {
    "error": {
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        "type": None, "param": "prompt", "code": "content_filter", "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": True}}},
    }
}  # fmt: skip


def azure(url: str, path: str = "/openai/deployments", **more: Any) -> dict[str, Any]:
    record = {"name": "Azure", "provider_type": "azure", "base_url": url + path, "api_key": "azure-key-1", "models": ["dep"]}
    return {**record, **more}


@pytest.fixture
async def stack() -> Any:
    async with AsyncExitStack() as found:
        yield found


async def playing(stack: AsyncExitStack, folder: Path, script: Any = good, **more: Any) -> tuple[Gateway, Scripted]:
    server = await stack.enter_async_context(Scripted(script))
    return await stack.enter_async_context(Gateway(folder, azure(server.url, **more))), server


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/openai/deployments", "/openai/deployments/dep/chat/completions?api-version=2024-10-21"),
        ("/openai/deployments/dep?api-version=2025-01-01", "/openai/deployments/dep/chat/completions?api-version=2025-01-01"),
        ("/openai?api-version=2024-06-01", "/openai/deployments/dep/chat/completions?api-version=2024-06-01"),
        ("/openai/v1", "/openai/v1/chat/completions"),
    ],
)
async def test_where_a_deployment_is_asked(stack: AsyncExitStack, tmp_path: Path, path: str, target: str) -> None:
    gateway, server = await playing(stack, tmp_path, path=path, dialects=["openai-chat"])
    for stream in (False, True):
        assert (await gateway.chat("dep", stream=stream)).status == 200
        assert server.requests[-1].target == target
        assert server.requests[-1].header("api-key") == "azure-key-1"
        assert server.requests[-1].header("authorization") is None


async def test_the_first_chunk_has_no_choice(stack: AsyncExitStack, tmp_path: Path) -> None:
    prompt = b'{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}'
    gateway, _ = await playing(stack, tmp_path, lambda _: event_stream(prompt, *GOOD))
    copied = await gateway.chat("dep", stream=True)
    assert b"prompt_filter_results" in copied.body
    told = await gateway.messages("dep", stream=True)
    assert told.body.count(b"event: message_start") == told.body.count(b"event: message_stop") == 1
    assert b"there" in told.body


async def test_a_filtered_prompt_is_a_matter_of_policy(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, _ = await playing(stack, tmp_path, lambda _: [answer(400, json.dumps(FILTERED).encode())])
    copied = await gateway.chat("dep")
    assert (copied.status, copied.json) == (400, FILTERED)
    told = await gateway.messages("dep")
    assert (told.status, told.json["error"]["type"]) == (400, "invalid_request_error")
    assert "content management policy" in told.json["error"]["message"]
    assert {record.error for record in await gateway.recorded(2)} == {"content_policy"}


async def test_a_file_of_another_dialect_is_told_as_lost(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server = await playing(stack, tmp_path)
    pdf = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQK"}}
    content = [pdf, {"type": "text", "text": "What is it?"}]
    reply = await gateway.messages("dep", messages=[{"role": "user", "content": content}])
    assert '"/messages/0/content/0";kind=dropped' in reply.headers["x-dragoman-losses"]
    assert b"JVBERi" not in server.requests[0].body


async def test_claude_on_foundry_is_copied(stack: AsyncExitStack, tmp_path: Path) -> None:
    def script(request: Received) -> Script:
        return well(request)

    gateway, server = await playing(stack, tmp_path, script, path="/anthropic")
    reply = await gateway.messages("dep")
    assert reply.json["content"][0]["text"] == "Hello from the vendor"
    assert server.requests[0].target == "/anthropic/v1/messages"
    assert server.requests[0].header("api-key") == "azure-key-1"
    assert (await gateway.recorded())[0].lane == "copy"


async def test_an_entra_token_is_a_bearer(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server = await playing(stack, tmp_path, api_key="eyJhbGciOiJub25lIn0.eyJpc3MiOiJtcyJ9.c2ln")
    await gateway.chat("dep")
    assert server.requests[0].header("authorization") == "Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJtcyJ9.c2ln"
    assert server.requests[0].header("api-key") is None


async def test_an_applications_secret_is_exchanged_for_tokens(stack: AsyncExitStack, tmp_path: Path) -> None:
    issuer = Issuer()
    await stack.enter_async_context(issuer.server)
    key = {"tenant": "my-tenant", "appId": "my-app", "password": "my-secret-password", "authority": issuer.server.url}
    gateway, server = await playing(stack, tmp_path, api_key=json.dumps(key))
    for _ in range(2):
        await gateway.chat("dep")
    assert [request.header("authorization") for request in server.requests] == ["Bearer token-1"] * 2
    (asked,) = issuer.asked
    assert asked.target == "/my-tenant/oauth2/v2.0/token"
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"], "client_id": ["my-app"], "client_secret": ["my-secret-password"],
        "scope": ["https://cognitiveservices.azure.com/.default"],
    }  # fmt: skip
