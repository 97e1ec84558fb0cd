"""Proofs: a maker's signature comes back to it verbatim through a client of any dialect, and to nobody else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dragoman.core.events import PartClosed
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.blanks import at
from support.every import every
from support.fixtures import Answer, Ask, ask, facts, finished
from support.speech import ACCOUNT, build, decode, encode, parse


def proven() -> list[Answer]:
    return [answer for answer in finished() if proofs(answer)]


def proofs(answer: Answer) -> list[str]:
    events = decode(answer.dialect, answer.data, stream=answer.stream)
    return [event.proof for event in events if isinstance(event, PartClosed) and event.proof]


@pytest.mark.parametrize("client", CLIENTS)
@every("answer", proven())
def test_a_proof_comes_back_to_its_maker(answer: Answer, client: str) -> None:
    built = build(parse(sent_back(answer, client)), answer.dialect)
    told = " ".join(strings(json.loads(built.body)))
    missing = [kernel for proof in proofs(answer) for kernel in kernels(proof) if kernel not in told]
    assert len(missing) == left_out(answer, client)


@pytest.mark.parametrize("client", CLIENTS)
@every("answer", proven())
def test_a_proof_goes_to_nobody_else(answer: Answer, client: str) -> None:
    """Not to another dialect, and out of a seal not to another account of its own: that is told as a loss."""
    request = parse(sent_back(answer, client))
    for dialect in DIALECTS:
        if client == dialect == answer.dialect:
            continue  # never sealed: the client says where it goes
        account = "another" if dialect == answer.dialect else ACCOUNT
        if dialect == client:
            continue  # a client's own dialect may carry the seal on: nobody can open it there
        built = build(request, dialect, account=account)
        told = " ".join(strings(json.loads(built.body)))
        assert [kernel for proof in proofs(answer) for kernel in kernels(proof) if kernel in told] == []
        assert built.losses or left_out(answer, client)


def left_out(answer: Answer, client: str) -> int:
    """How many proofs the client did not get: behind the last words a proof can break it, and that is told."""
    events = decode(answer.dialect, answer.data, stream=answer.stream)
    _, losses = encode(client, events, stream=False, provider=answer.dialect)
    return sum(loss.why == "a proof that nothing follows" for loss in losses)


def sent_back(answer: Answer, client: str) -> Ask:
    """The client's next request: it says back what it was told, and goes on.

    `echo` of the facts: where the turn, or a list of its items, stands in the answer; `conversation`: the member of a request
    that it goes into.
    """
    events = decode(answer.dialect, answer.data, stream=answer.stream)
    body, _ = encode(client, events, stream=False, provider=answer.dialect)
    told, echo = json.loads(body), facts(client)["echo"]
    turn = at(told, echo) if isinstance(echo, str) else {key: at(told, where) for key, where in echo.items()}
    first, member = json.loads(ask(client).body), facts(client)["conversation"]
    messages = [*first[member], *(turn if isinstance(turn, list) else [turn]), *first[member]]
    return Ask(client, "again", json.dumps({**first, member: messages}).encode())


def kernels(proof: str) -> Iterator[str]:
    """What is opaque in a proof: all of it, or the ciphertext and signature where the maker wraps them in JSON."""
    try:
        told: Any = json.loads(proof)
    except ValueError:
        told = None
    if isinstance(told, dict):
        yield from (told[name] for name in ("data", "signature", "encrypted_content") if name in told)
    else:
        yield proof


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(each)
