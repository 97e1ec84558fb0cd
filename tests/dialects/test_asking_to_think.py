"""Clients that say how thinking is shown, and nothing of how much there shall be."""

import json
from typing import Any

import pytest

from dragoman.core.config import Provider, Target
from dragoman.core.quirks import Quirks
from dragoman.dialects.registry import CLIENTS

GOOGLE = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}


@pytest.mark.parametrize("target", ["openai-chat", "openai-responses", "anthropic"])
@pytest.mark.parametrize("config", [{}, {"thinkingConfig": {}}])
def test_nothing_asked_is_nothing_lost(target: str, config: dict[str, Any]) -> None:
    body = json.dumps({**GOOGLE, "generationConfig": config}).encode()
    google = CLIENTS["gemini"]
    asked = google.parse_request(google.peek("POST", "/v1beta/models/m:generateContent", "", (), body), lambda _: None)
    provider = Provider(id=1, name="P", slug="p", provider_type="custom", base_url="https://p.example")
    built = CLIENTS[target].build_request(
        asked, Target(provider=provider, model="m", dialect=target, base="https://p.example", quirks=Quirks()), Quirks()
    )
    assert [loss.path for loss in built.losses] == []
