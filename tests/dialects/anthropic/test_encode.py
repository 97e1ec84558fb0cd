"""What an Anthropic client gets, of its own dialect's answers and of others'."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Reason, Started, Usage
from dragoman.core.loss import Loss, LossKind
from dragoman.core.parts import Media
from dragoman.core.request import Request, Tool
from dragoman.core.seal import Proof, unseal
from dragoman.dialects.anthropic import DIALECT
from support.anthropic import KEY, answering, decode, written


def encode(*events: Event, streamed: bool = True, **members: Any) -> tuple[bytes, list[Loss]]:
    encoder = DIALECT.encoder(answering(streamed=streamed, **members))
    return b"".join([*map(encoder.encode, events), encoder.close()]), encoder.losses


def streamed(*events: Event, **members: Any) -> list[tuple[str, dict[str, Any]]]:
    return written(encode(Started(id="chatcmpl-1", model="gpt"), *events, **members)[0])


def whole(*events: Event, **members: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode(Started(), *events, streamed=False, **members)[0])
    return found


def part(index: int, kind: Any, *texts: str, proof: str | None = None, **members: Any) -> list[Event]:
    deltas = [PartDelta(index, text) for text in texts]
    return [PartOpened(index=index, kind=kind, **members), *deltas, PartClosed(index=index, proof=proof)]


def tool(index: int, *texts: str, id: str | None = "call_1", name: str = "f") -> list[Event]:  # noqa: A002
    return part(index, "tool", *texts, id=id, name=name)


EAGER: dict[str, Any] = {
    "request": Request(dialect="anthropic", tools=(Tool(name="f", extras={"eager_input_streaming": Raw(b"true")}),))
}
STOP = Finished(reason="stop", usage=Usage(input=10, output=3))


def test_the_grammar_of_a_stream() -> None:
    end = Finished(reason="tool", usage=Usage(input=10, output=3, cache_read=4))
    found = streamed(*part(0, "text", "Hel", "lo"), *tool(1, '{"a":', "1}"), end, **EAGER)
    assert [name for name, _ in found] == [data["type"] for _, data in found]
    assert [name for name, _ in found] == [
        "message_start",
        *("content_block_start", "content_block_delta", "content_block_delta", "content_block_stop") * 2,
        "message_delta",
        "message_stop",
    ]
    message = found[0][1]["message"]
    assert (message["id"], message["type"], message["role"], message["content"]) == ("msg_1", "message", "assistant", [])
    assert message["model"] == "gpt"
    assert [data["index"] for _, data in found[1:-2]] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert found[5][1]["content_block"] == {"type": "tool_use", "id": "call_1", "name": "f", "input": {}}
    assert found[-2][1]["delta"] == {"stop_reason": "tool_use", "stop_sequence": None}
    assert found[-2][1]["usage"] == {"input_tokens": 6, "cache_read_input_tokens": 4, "output_tokens": 3}


def test_interleaved_parts_become_blocks_one_after_the_other() -> None:
    found = streamed(
        PartOpened(index=0, kind="tool", id="a", name="f"),
        PartOpened(index=1, kind="tool", id="b", name="g"),
        PartOpened(index=2, kind="text"),
        PartDelta(1, '{"b":2}'),
        PartDelta(0, '{"a":'),
        PartDelta(2, "so"),
        PartClosed(index=1),
        PartDelta(0, "1}"),
        PartClosed(index=0),
        PartDelta(2, "!"),
        PartClosed(index=2),
        Finished(reason="tool", usage=Usage(input=1, output=1)),
        **EAGER,
    )
    blocks = [data for name, data in found if name.startswith("content_block")]
    assert [data["index"] for data in blocks] == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2]
    assert [data["delta"].get("partial_json", data["delta"].get("text")) for data in blocks if "delta" in data] == [
        '{"a":',
        "1}",
        '{"b":2}',
        "so",
        "!",
    ]


def test_parts_left_open_are_closed_at_the_end() -> None:
    found = streamed(
        PartOpened(index=0, kind="text"), PartOpened(index=1, kind="tool", id="a", name="f"), PartDelta(0, "x"), STOP
    )
    assert [name for name, _ in found].count("content_block_stop") == 2


def test_nothing_at_all_is_one_empty_text() -> None:
    found = streamed(*part(0, "text"), *part(1, "reasoning"), STOP)
    assert [name for name, _ in found][1:3] == ["content_block_start", "content_block_stop"]
    assert whole(STOP)["content"] == [{"type": "text", "text": ""}]
    own = decode(encode(Started(id="m"), STOP, provider="anthropic")[0])
    assert [type(event) for event in own] == [Started, Finished]


@pytest.mark.parametrize(
    ("texts", "arguments"),
    [
        ((), {}),
        ((" ",), {}),
        (("null",), {}),
        (("[1", ",2]"), {"value": [1, 2]}),
        (('"a"',), {"value": "a"}),
        (("oops",), {"_raw": "oops"}),
        (('{"a": tru', "e"), {"_raw": '{"a": true'}),
        (("\n", '{"a"', ":1}"), {"a": 1}),
    ],
)
def test_arguments_of_others(texts: tuple[str, ...], arguments: Any) -> None:
    end = Finished(reason="tool")
    pieces = [data["delta"]["partial_json"] for name, data in streamed(*tool(0, *texts), end) if name == "content_block_delta"]
    assert json.loads("".join(pieces) or "{}") == arguments
    assert whole(*tool(0, *texts), end)["content"][0]["input"] == arguments


def test_arguments_are_held_until_they_are_complete_but_for_eager_tools() -> None:
    events = tool(0, " ", '{"a"', ":1", "}")
    for members, pieces in (({}, [' {"a":1}']), (EAGER, [' {"a"', ":1", "}"])):
        told = [data["delta"] for name, data in streamed(*events, STOP, **members) if name == "content_block_delta"]
        assert [delta["partial_json"].strip() for delta in told] == [piece.strip() for piece in pieces]


def test_the_exact_text_of_arguments_survives() -> None:
    data, _ = encode(Started(), *tool(0, '{"b": 1.50, "a": 12345678901234567890}'), Finished(reason="tool"), streamed=False)
    assert b'"input":{"b": 1.50, "a": 12345678901234567890}' in data


def test_ids_are_there_valid_and_unique() -> None:
    calls = [*tool(0, id="a"), *tool(1, id="a"), *tool(2, id=None), *tool(3, id="functions.f:0"), *tool(4, id="functions.f:0")]
    ids = [block["id"] for block in whole(*calls, Finished(reason="tool"))["content"]]
    assert ids[0] == "a"
    assert len(set(ids)) == 5
    assert all(id_.replace("_", "").replace("-", "").isalnum() for id_ in ids)
    assert whole(*tool(0, id="a"), STOP, new_ids=True)["content"][0]["id"] != "a"


def test_message_ids_of_others_are_never_passed_on() -> None:
    start = Started(id="msg_own", model="x")
    ids = {
        json.loads(encode(start, STOP, streamed=False, **members)[0])["id"]
        for members in ({"provider": "anthropic"}, {"provider": "openai-chat"}, {"provider": "anthropic", "new_ids": True})
    }
    assert ids == {"msg_own", "msg_1"}


def test_a_foreign_proof_travels_sealed() -> None:
    found = streamed(*part(0, "reasoning", "hm", proof="secret"), STOP)
    signature = found[3][1]["delta"]
    assert signature["type"] == "signature_delta"
    assert unseal(signature["signature"], KEY) == Proof("openai-chat:acc", "sig", "secret")
    assert unseal(whole(*part(0, "reasoning", "hm"), STOP)["content"][0]["signature"], KEY) == Proof(
        "openai-chat:acc", "none", ""
    )


def test_thinking_of_which_only_the_proof_is_known_is_redacted() -> None:
    for events, kind in ((part(0, "reasoning", proof="p"), "sig"), (part(0, "reasoning", proof="p", redacted=True), "red")):
        block = whole(*events, STOP)["content"][0]
        assert block["type"] == "redacted_thinking"
        assert unseal(block["data"], KEY) == Proof("openai-chat:acc", kind, "p")
        assert streamed(*events, STOP)[1][1]["content_block"]["type"] == "redacted_thinking"


def test_a_proof_behind_the_last_words_is_left_out() -> None:
    """Claude Code takes the last block for the answer: behind a text it would end with none."""
    proof = part(1, "reasoning", proof="p", redacted=True)
    said = [*part(0, "text", "Done."), *proof]
    events = streamed(*said, Finished(reason="stop"))
    assert [data["content_block"]["type"] for name, data in events if name == "content_block_start"] == ["text"]
    assert [block["type"] for block in whole(*said, Finished(reason="stop"))["content"]] == ["text"]
    _, losses = encode(*said, Finished(reason="stop"))
    assert [loss.kind for loss in losses] == [LossKind.HINT]
    called = streamed(*said, *tool(2, "{}"), Finished(reason="tool"))
    kinds = [data["content_block"]["type"] for name, data in called if name == "content_block_start"]
    assert kinds == ["text", "redacted_thinking", "tool_use"]
    alone = streamed(*part(0, "reasoning", proof="p", redacted=True), Finished(reason="stop"))
    assert [data["content_block"]["type"] for name, data in alone if name == "content_block_start"] == ["redacted_thinking"]


def test_own_proofs_are_written_back() -> None:
    events = part(0, "reasoning", "hm", proof="sig") + part(1, "reasoning", proof="xyz", redacted=True)
    content = whole(*events, STOP, provider="anthropic")["content"]
    assert content == [
        {"type": "thinking", "thinking": "hm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "xyz"},
    ]


def test_a_refusal_is_text_and_a_reason() -> None:
    answer = whole(*part(0, "refusal", "I cannot."), STOP)
    assert (answer["content"], answer["stop_reason"]) == ([{"type": "text", "text": "I cannot."}], "refusal")


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("context", "model_context_window_exceeded"),
        ("tool", "end_turn"),
        ("refusal", "refusal"),
        ("pause", "pause_turn"),
        ("stop_sequence", "end_turn"),
        ("other", "end_turn"),
    ],
)
def test_reasons_of_others(reason: Reason, word: str) -> None:
    assert whole(Finished(reason=reason))["stop_reason"] == word


def test_a_tool_call_always_says_so() -> None:
    assert whole(*tool(0), STOP)["stop_reason"] == "tool_use"
    assert whole(*tool(0), Finished(reason="length"))["stop_reason"] == "max_tokens"


def test_a_matched_stop_sequence() -> None:
    answer = whole(Finished(reason="stop_sequence", stop_sequence="END"))
    assert (answer["stop_reason"], answer["stop_sequence"]) == ("stop_sequence", "END")


def test_usage_is_never_null_and_never_half_told() -> None:
    found = streamed(Finished(reason="stop"), input_estimate=42)
    assert found[0][1]["message"]["usage"] == {"input_tokens": 42, "output_tokens": 0}
    assert found[-2][1]["usage"] == {"output_tokens": 0}
    start = Started(usage=Usage(input=9, cache_read=4, cache_write=2))
    ended = Finished(reason="stop", usage=Usage(input=9, output=1))
    usage = written(encode(start, ended)[0])[-2][1]["usage"]
    assert (usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"]) == (0, 0)


def test_what_has_no_place_is_a_loss() -> None:
    image = part(0, "media", media=Media(kind="image", data="x"), at="/images/0")
    trace = part(1, "opaque", raw=Raw(b"{}"), opaque_kind="web_search_call", extras={"more": Raw(b"1")}, at="/output/1")
    end = Finished(reason="other", raw_reason="odd", paths={"reason": "/status"})
    data, losses = encode(Started(), *image, *trace, *part(2, "text", "x"), end)
    assert [data["index"] for name, data in written(data) if name == "content_block_start"] == [0]
    assert {loss.path: loss.kind for loss in losses} == {
        "/response/images/0": LossKind.DROPPED,
        "/response/output/1": LossKind.DROPPED,
        "/response/status": LossKind.APPROXIMATED,
    }


def test_a_free_text_call_is_a_function_call() -> None:
    events = part(0, "custom", "ls", " -l", id="c", name="shell")
    assert whole(*events, Finished(reason="tool"))["content"][0]["input"] == {"input": "ls -l"}
    pieces = [data["delta"] for name, data in streamed(*events, STOP) if name == "content_block_delta"]
    assert json.loads(pieces[0]["partial_json"]) == {"input": "ls -l"}


def test_json_over_several_lines_goes_into_one() -> None:
    raw = Raw(b'{"type": "novelty",\n "text": "a\\nb"\n}')
    data, _ = encode(Started(id="m"), *part(0, "opaque", raw=raw, opaque_kind="novelty"), STOP, provider="anthropic")
    assert written(data)[1][1]["content_block"] == {"type": "novelty", "text": "a\nb"}


def test_an_error_ends_a_stream() -> None:
    error = Error(kind=ErrorKind.OVERLOADED, message="busy")
    data, _ = encode(Started(), *part(0, "text", "x"), Failed(error))
    assert written(data)[-1] == ("error", {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}})


_texts = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5), max_size=3)


@given(st.lists(st.tuples(st.sampled_from(["text", "reasoning", "tool", "refusal"]), _texts), max_size=4), st.randoms())
def test_any_interleaving_keeps_the_grammar(parts: list[tuple[Any, list[str]]], random: Any) -> None:
    lines: list[list[Event]] = [part(index, kind, *texts, name="f") for index, (kind, texts) in enumerate(parts)]
    events: list[Event] = [line.pop(0) for line in lines]
    while any(lines):
        events.append(random.choice([line for line in lines if line]).pop(0))
    found = streamed(*events, STOP)
    assert [name for name, _ in found].count("message_delta") == 1
    assert found[-1][0] == "message_stop"
    open_block, count = None, 0
    for name, data in found[1:-2]:
        if name == "content_block_start":
            assert (open_block, data["index"]) == (None, count)
            open_block, count = count, count + 1
        else:
            assert data["index"] == open_block
            open_block = None if name == "content_block_stop" else open_block
    assert open_block is None
    assert count >= 1


def test_what_waited_is_told_before_an_error() -> None:
    calls = [event for index in (0, 1) for event in tool(index, f'{{"n":{index}}}', id=f"call_{index}")[:2]]
    names = [name for name, _ in streamed(*calls, Failed(Error(kind=ErrorKind.SERVER, message="gone")))]
    assert names.count("content_block_start") == names.count("content_block_stop") == 2
    assert names[-1] == "error"


def test_half_a_call_stays_open_before_an_error() -> None:
    events = streamed(*tool(0, '{"n":')[:2], Failed(Error(kind=ErrorKind.SERVER, message="gone")))
    assert [name for name, _ in events] == ["message_start", "content_block_start", "content_block_delta", "error"]
