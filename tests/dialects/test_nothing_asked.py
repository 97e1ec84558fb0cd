"""What a client of Google's leaves open in a member that it sends: nothing is asked by it, so nothing is lost or made up."""

import json
from typing import Any

import pytest

from dragoman.core.config import Provider, Target
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import Built
from dragoman.dialects.registry import CLIENTS


def build(target: str, config: dict[str, Any]) -> Built:
    body = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "generationConfig": config}
    google = CLIENTS["gemini"]
    asked = google.parse_request(
        google.peek("POST", "/v1beta/models/m:generateContent", "", (), json.dumps(body).encode()), lambda _: None
    )
    provider = Provider(id=1, name="P", slug="p", provider_type="custom", base_url="https://p.example")
    found = Target(provider=provider, model="m", dialect=target, base="https://p.example", quirks=Quirks())
    return CLIENTS[target].build_request(asked, found, Quirks())


@pytest.mark.parametrize("target", ["openai-chat", "openai-responses", "anthropic"])
def test_a_config_of_thinking_that_says_nothing(target: str) -> None:
    assert build(target, {"thinkingConfig": {}}).losses == ()


@pytest.mark.parametrize("member", ["responseSchema", "responseJsonSchema"])
def test_a_schema_that_says_nothing_is_json_of_any_kind(member: str) -> None:
    config = {"responseMimeType": "application/json", member: {}}
    assert json.loads(build("openai-chat", config).body)["response_format"] == {"type": "json_object"}
    assert "output_config" not in json.loads(build("anthropic", config).body)
