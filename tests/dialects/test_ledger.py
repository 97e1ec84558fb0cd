"""What a ledger tells: every loss of an ordinary request; of what is lost in very many places the first, and how many more."""

from dragoman.core.loss import Loss, LossKind
from dragoman.dialects.ledger import PLACES, Ledger
from dragoman.wire import json
from support.fixtures import Ask
from support.speech import build, parse

ONE = json.raw(1)


def test_a_member_is_told_in_each_place() -> None:
    ledger = Ledger(own=False, weights={"messages.name": LossKind.HINT, "messages.role": None})
    for place in range(PLACES):
        ledger.extras({"name": ONE, "role": ONE, f"novel{place}": ONE}, f"/messages/{place}", "messages")
    told = ledger.told()
    assert told == tuple(ledger.losses)
    assert [loss.path for loss in told if loss.kind is LossKind.HINT] == [f"/messages/{place}/name" for place in range(PLACES)]
    assert [loss.path for loss in told if loss.kind is LossKind.DROPPED] == [
        f"/messages/{place}/novel{place}" for place in range(PLACES)
    ]


def test_beyond_that_it_is_counted_at_its_first_place() -> None:
    ledger = Ledger(own=False, weights={}, whys={"messages.name": "a turn has no name"})
    for place in range(PLACES + 7):
        ledger.extras({"name": ONE}, f"/messages/{place}", "messages")
    told = ledger.told()
    assert len(told) == PLACES
    assert told[0] == Loss("/messages/0/name", LossKind.DROPPED, "a turn has no name (and in 7 more places)")
    assert {loss.why for loss in told[1:]} == {"a turn has no name"}


def test_what_is_lost_late_is_told_whatever_was_lost_before() -> None:
    turns = [{"role": "user", "content": "x", "novel": 1} for _ in range(5 * PLACES)]
    body = {"model": "m", "messages": [*turns, {"role": "user", "content": "y", "late": 1}]}
    losses = build(parse(Ask("openai-chat", "", json.encode(body))), "anthropic").losses
    assert [loss.path for loss in losses if "late" in loss.path] == [f"/messages/{5 * PLACES}/late"]
    assert losses[0].why.endswith(f"(and in {4 * PLACES} more places)")
