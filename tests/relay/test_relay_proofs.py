"""Dialogues about proofs that a provider refuses: all thinking is left out, told, and the rest of the conversation goes on so."""

import json
from pathlib import Path
from typing import Any

import pytest

from dragoman.core.events import PartClosed
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.blanks import at
from support.client import Client
from support.dialogue import provider
from support.fixtures import Answer, facts, finished
from support.gateway import HELLO, Gateway
from support.refusing import answering, asking, refusal, refusing
from support.scripted import Received, Scripted, Step, answer
from support.speech import decode

REFUSAL = "messages.1.content.0: Invalid `signature` in `thinking` block"
BOUND = (
    b'{ "type":"error", "error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in '
    b'`thinking` block. The block is bound to a different conversation.",'
    b'"details":{"error_code":"thinking_prefix_mismatch","n":1.50}},"request_id":"req_vendor" }'
)


def proven(dialect: str) -> Answer | None:
    """A whole answer of the dialect with a signed thought, and what is opaque in its proof."""
    wholes = [each for each in finished() if each.dialect == dialect and not each.stream]
    return next((each for each in wholes if kernels(each)), None)


def kernels(answer: Answer) -> list[str]:
    found = []
    for event in decode(answer.dialect, answer.data, stream=answer.stream):
        if isinstance(event, PartClosed) and event.proof:
            told = event.proof if not event.proof.startswith("{") else json.loads(event.proof)
            inner = (
                [told]
                if isinstance(told, str)
                else [told[name] for name in ("data", "signature", "encrypted_content") if name in told]
            )
            found += [each for each in inner if each]
    return found


def conversed(client: str, body: bytes, reply: Client) -> bytes:
    """The client's next request: what it asked, what it was told, and the same question again."""
    told, echo, member = reply.json, facts(client)["echo"], facts(client)["conversation"]
    turn = at(told, echo) if isinstance(echo, str) else {key: at(told, where) for key, where in echo.items()}
    said = json.loads(body)
    asked = said[member] if isinstance(said[member], list) else [{"role": "user", "content": said[member]}]
    return json.dumps({**said, member: [*asked, *(turn if isinstance(turn, list) else [turn]), asked[0]]}).encode()


PAIRS = [(client, target) for client in CLIENTS for target in DIALECTS if client != target and proven(target)]


@pytest.mark.parametrize(("client", "target"), PAIRS)
async def test_refused_proofs_go_once_and_new_ones_stay(tmp_path: Path, client: str, target: str) -> None:
    """Three turns: the first thought is refused in the second turn; in the third, only the second thought is sent back."""
    thought = proven(target)
    assert thought is not None
    old = kernels(thought)
    new = [f"new{kernel[3:]}" for kernel in old]
    fresh = thought.data
    for before, after in zip(old, new, strict=True):
        fresh = fresh.replace(before.encode(), after.encode())

    def script(request: Received) -> list[Step]:
        if any(kernel.encode() in request.body for kernel in old):
            return [refusal(target, REFUSAL)]
        return [answer(200, thought.data if request is server.requests[0] else fresh)]

    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url, dialects=[target])) as gateway:
        path, first = asking(client, reasoning_effort="high")
        reply = await gateway.ask(path, first)
        assert reply.status == 200
        second = conversed(client, first, reply)
        reply = await gateway.ask(path, second)
        assert (reply.status, reply.headers["x-dragoman-attempts"], len(server.requests)) == (200, "2", 3)
        assert any(kernel.encode() in server.requests[1].body for kernel in old)
        assert ";kind=dropped" in reply.headers["x-dragoman-losses"]
        third = conversed(client, second, reply)
        reply = await gateway.ask(path, third)
        assert (reply.status, reply.headers["x-dragoman-attempts"], len(server.requests)) == (200, "1", 4)
        assert ";kind=dropped" in reply.headers["x-dragoman-losses"]
        assert any(kernel.encode() in server.requests[-1].body for kernel in new)
        records = await gateway.recorded(3)
        assert [[attempt.status for attempt in record.attempts] for record in records] == [[200], [400, 200], [200]]


@pytest.mark.parametrize(("client", "target"), PAIRS)
async def test_under_strict_nothing_is_left_out(tmp_path: Path, client: str, target: str) -> None:
    thought = proven(target)
    assert thought is not None

    def script(request: Received) -> list[Step]:
        if any(kernel.encode() in request.body for kernel in kernels(thought)):
            return [refusal(target, REFUSAL)]
        return [answer(200, thought.data)]

    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url, dialects=[target])) as gateway:
        path, first = asking(client)
        second = conversed(client, first, await gateway.ask(path, first))
        asked = len(server.requests)
        reply = await gateway.ask(path, second, x_dragoman_strict="true")
        assert reply.status == 400
        assert len(server.requests) - asked <= 1


async def test_in_the_copy_lane_the_refusal_is_the_providers_byte_for_byte(tmp_path: Path) -> None:
    """Claude Code's own recovery keys on these words, and on the details."""
    async with (
        Scripted(lambda _: [answer(400, BOUND, [("request-id", "req_vendor")])]) as server,
        Gateway(tmp_path, provider("p", server.url, dialects=["anthropic"])) as gateway,
    ):
        thought = {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": "c2ln"}]}
        body = {"model": "m", "max_tokens": 9, "messages": [*HELLO, thought, *HELLO]}
        for stream in (False, True):
            reply = await gateway.ask("/v1/messages", {**body, "stream": stream})
            assert (reply.status, reply.body) == (400, BOUND)
            assert reply.headers["content-type"] == "application/json"
            assert reply.headers["request-id"] == "req_vendor"
        assert [b"c2ln" in request.body for request in server.requests] == [True, True]


async def test_in_the_translate_lane_of_one_dialect_all_thoughts_go(tmp_path: Path) -> None:
    """A seal of ours in the body leads there; a refusal that stays is told in the provider's own bytes."""

    def script(request: Received) -> list[Step]:
        if b"c2ln" in request.body or b"broken" in request.body:
            return [answer(400, BOUND)]
        return [answer(200, answering("anthropic"))]

    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url, dialects=["anthropic"])) as gateway:
        thoughts: list[Any] = [
            {"type": "thinking", "thinking": "another's", "signature": "dgm1.e30.e30"},
            {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        ]
        turn = {"role": "assistant", "content": [*thoughts, {"type": "text", "text": "Hi"}]}
        body: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [*HELLO, turn, *HELLO]}
        reply = await gateway.ask("/v1/messages", body)
        assert (reply.status, len(server.requests)) == (200, 2)
        assert b"thinking" not in server.requests[-1].body
        again = await gateway.ask("/v1/messages", {**body, "messages": [*body["messages"], turn, *HELLO]})
        assert (again.status, len(server.requests)) == (200, 4)  # the later turn's is refused in its turn
        lost = await gateway.ask("/v1/messages", {**body, "system": "broken"})
        assert (lost.status, lost.body) == (400, BOUND)


async def test_where_there_is_no_thought_nothing_is_tried_again(tmp_path: Path) -> None:
    script = refusing("openai-chat", lambda _: REFUSAL)
    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url)) as gateway:
        reply = await gateway.messages("m")
        assert (reply.status, len(server.requests)) == (400, 1)
        assert REFUSAL in reply.json["error"]["message"]
