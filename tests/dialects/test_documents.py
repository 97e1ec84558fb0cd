"""Documents that a client of Anthropic's makes of blocks: their words travel, and what is no word is told as lost."""

import json
from typing import Any

import pytest

from dragoman.core.config import Provider, Target
from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import Built
from dragoman.dialects.registry import CLIENTS, DIALECTS

PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
BLOCKS = [{"type": "text", "text": "One."}, PICTURE, {"type": "text", "text": ""}]
MESSAGES = [{"role": "user", "content": [{"type": "document", "source": {"type": "content", "content": BLOCKS}}]}]


def build(target: str) -> Built:
    body = json.dumps({"model": "m", "max_tokens": 9, "messages": MESSAGES}).encode()
    client = CLIENTS["anthropic"]
    asked = client.parse_request(client.peek("POST", "/v1/messages", "", (), body), lambda _: None)
    provider = Provider(id=1, name="P", slug="p", provider_type="custom", base_url="https://p.example")
    found = Target(provider=provider, model="m", dialect=target, base="https://p.example", quirks=Quirks())
    return DIALECTS[target].build_request(asked, found, Quirks())


@pytest.mark.parametrize("target", [name for name in DIALECTS if name != "anthropic"])
def test_what_is_no_word_is_told_as_lost(target: str) -> None:
    kinds = {loss.path: loss.kind for loss in build(target).losses}
    assert kinds["/messages/0/content/0/source/content/1"] is LossKind.DROPPED
    assert "/messages/0/content/0/source/content/2" not in kinds


def test_it_stays_as_it_was_for_its_own_vendor() -> None:
    found: dict[str, Any] = json.loads(build("anthropic").body)
    assert found["messages"] == MESSAGES
