"""Which lane a call takes, and that whoever shows a translation shows what is sent."""

import json

import pytest
from msgspec.structs import replace

from dragoman.core.config import Target
from dragoman.core.quirks import Quirks
from dragoman.core.seal import Proof, seal
from dragoman.dialects.bodies import call_of, example
from dragoman.dialects.lanes import lane_of, tell
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.fixtures import Ask, ask
from support.speech import parse, target

PAIRS = [(client, to) for client in CLIENTS for to in DIALECTS]


def of(dialect: str, quirks: Quirks | None = None) -> Target:
    return target(dialect, "some-model", quirks or Quirks(), "example")


@pytest.mark.parametrize(("client", "to"), PAIRS)
def test_the_same_dialect_is_copied_and_another_translated(client: str, to: str) -> None:
    dialect = CLIENTS[client]
    envelope = call_of(dialect, example(dialect), model="some-model")
    request = parse(Ask(client, "", example(dialect)))
    lane, built = tell(envelope, dialect, DIALECTS[to], of(to), lambda: request)
    assert lane == ("copy" if client == to else "translate") == lane_of(envelope, dialect, of(to))
    if lane == "translate":
        assert built == DIALECTS[to].build_request(replace(request, stream=envelope.stream), of(to), Quirks())
    else:
        assert built.losses == ()


@pytest.mark.parametrize("client", CLIENTS)
def test_a_seal_of_ours_is_never_copied(client: str) -> None:
    dialect, sealed = CLIENTS[client], seal(Proof("x:y", "sig", "proof"), b"key")
    body = json.dumps({**json.loads(ask(client).body), "novelty": sealed}).encode()
    assert lane_of(call_of(dialect, body), dialect, of(client)) == "translate"


def test_a_quirk_below_the_top_level_needs_a_translation() -> None:
    chat = CLIENTS["openai-chat"]
    short = of("openai-chat", Quirks(tool_id="alnum9"))
    calls = call_of(chat, example(chat))
    assert lane_of(calls, chat, short) == "translate"
    assert lane_of(call_of(chat, ask("openai-chat").body), chat, short) == "copy"
