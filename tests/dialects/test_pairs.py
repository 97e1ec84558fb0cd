"""What a pair loses, for all pairs: what the table says of the example is what its builder says."""

import json
import re

import pytest

from dragoman.core.loss import Loss, LossKind
from dragoman.core.quirks import Quirks
from dragoman.dialects.bodies import call_of, example
from dragoman.dialects.pairs import EXACT, GRAVEST, counts, graded, nobody, table, told
from dragoman.dialects.registry import CLIENTS, DIALECTS
from dragoman.wire.pointer import labelled
from support.fixtures import Ask
from support.golden import ROOT
from support.losing import pairs
from support.speech import build, parse, target

PAIRS = list(pairs())
RANKS = [*(kind.value for kind in GRAVEST), EXACT]


@pytest.mark.parametrize(("client", "to"), PAIRS)
def test_every_loss_has_its_row_and_every_row_its_loss(client: str, to: str) -> None:
    body = example(CLIENTS[client])
    losses = build(parse(Ask(client, "", body)), to).losses
    rows = table(CLIENTS[client], DIALECTS[to], nobody(to, "some-model"), [body])
    lost = {(row.kind, row.member) for row in rows if row.kind != EXACT}
    assert lost == {(loss.kind.value, labelled(json.loads(body), loss.path)) for loss in losses}
    assert {why for row in rows for why in row.whys} == {loss.why for loss in losses if loss.why}
    assert [RANKS.index(row.kind) for row in rows] == sorted(RANKS.index(row.kind) for row in rows)
    assert sum(counts(rows).values()) == len(rows)


@pytest.mark.parametrize(("client", "to"), PAIRS)
def test_what_is_exact_is_lost_nowhere(client: str, to: str) -> None:
    rows = table(CLIENTS[client], DIALECTS[to], nobody(to, "some-model"), [example(CLIENTS[client])])
    lost = {row.member for row in rows if row.kind != EXACT}
    exact = [row.member for row in rows if row.kind == EXACT]
    assert exact
    assert len(exact) == len(set(exact))
    assert not lost & set(exact)


@pytest.mark.parametrize("client", CLIENTS)
def test_the_same_dialect_loses_nothing(client: str) -> None:
    rows = table(CLIENTS[client], DIALECTS[client], nobody(client, "m"), [example(CLIENTS[client])])
    assert {row.kind for row in rows} == {EXACT}


def test_the_clients_own_words_are_no_members() -> None:
    chat = CLIENTS["openai-chat"]
    members = {row.member for row in table(chat, chat, nobody(chat.id, "m"), [example(chat)])}
    assert "/tools/[function]/function/parameters" in members
    assert "/metadata" in members
    assert not [member for member in members if re.search(r"/(parameters|schema|metadata)/", member)]


def test_a_targets_quirks_lose_more() -> None:
    claude, body = CLIENTS["anthropic"], example(CLIENTS["anthropic"])
    picky = target("anthropic", "m", Quirks(drop=frozenset({"top_k", "metadata"})), "example")
    rows = table(claude, claude, picky, [body])
    assert [(row.kind, row.member) for row in rows if row.kind != EXACT] == [("dropped", "/metadata"), ("dropped", "/top_k")]


def test_a_member_that_one_body_loses_is_exact_in_no_other() -> None:
    chat, claude = CLIENTS["openai-chat"], CLIENTS["anthropic"]
    hot = b'{"model":"m","messages":[{"role":"user","content":"Hi"}],"temperature":1.5}'
    mild = hot.replace(b"1.5", b"0.5")
    kinds = [
        {row.member: row.kind for row in table(chat, claude, nobody("anthropic", "m"), bodies)}["/temperature"]
        for bodies in ([hot], [mild], [mild, hot])
    ]
    assert kinds == ["approximated", EXACT, "approximated"]


def test_one_request_is_told_with_its_pointers() -> None:
    chat, claude = CLIENTS["openai-chat"], CLIENTS["anthropic"]
    body = b'{"model":"m","n":2,"seed":1,"messages":[{"role":"user","content":"Hi","name":"Eve"}],"store":true}'
    lane, built = told(call_of(chat, body), chat, claude, nobody("anthropic", "m"))
    assert lane == "translate"
    assert [(loss.kind.value, loss.path) for loss in graded(built.losses)] == [
        ("refused", "/n"),
        ("dropped", "/messages/0/name"),
        ("dropped", "/seed"),
        ("hint", "/store"),
    ]


def test_the_gravest_come_first_else_as_told() -> None:
    losses = [Loss(str(place), kind) for place, kind in enumerate((LossKind.HINT, LossKind.DROPPED, LossKind.HINT))]
    assert [loss.path for loss in graded(losses)] == ["1", "0", "2"]


@pytest.mark.parametrize(("client", "to"), PAIRS)
def test_the_page_holds_what_the_verb_shows(client: str, to: str) -> None:
    """The page has more: it is made from all our requests."""
    page = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {client} to {to}\n")[2].partition("\n## ")[0]
    rows = table(CLIENTS[client], DIALECTS[to], nobody(to, "some-model"), [example(CLIENTS[client])])
    assert [row.member for row in rows if row.kind != EXACT and f"| {row.kind} | `{row.member}` |" not in section] == []
