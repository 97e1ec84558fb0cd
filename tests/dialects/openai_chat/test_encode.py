"""What Chat clients get: the grammar of the stream, the whole body, seals, losses; read by the official SDK too."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from dragoman.core import seal
from dragoman.core.errors import Error, ErrorKind
from dragoman.core.events import Citation, Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started, Usage
from dragoman.core.parts import Media, Reasoning, Text, ToolCall
from support.chat import KEY, ask, chunks, decode, encode, parse, told

USAGE = Usage(input=30, output=12, cache_read=10, cache_write=5, reasoning=7)
ANSWER: list[Event] = [
    Started(id="msg_1", model="real-model"),
    PartOpened(index=0, kind="reasoning"),
    PartDelta(0, "Let me "),
    PartDelta(0, "think."),
    PartClosed(index=0, proof="sig=="),
    PartOpened(index=1, kind="text"),
    PartDelta(1, "Hé"),
    PartDelta(1, "llo"),
    PartClosed(index=1),
    PartOpened(index=2, kind="tool", id="toolu_1", name="f"),
    PartDelta(2, '{"a":'),
    PartDelta(2, "1}"),
    PartClosed(index=2),
    PartOpened(index=3, kind="tool", id="toolu_2", name="g", at="/content/3"),
    PartClosed(index=3),
    Finished(reason="tool", raw_reason="tool_use", usage=USAGE),
]


def answer(*parts: Event, **members: Any) -> list[Event]:
    return [Started(id="msg_1", model="m"), *parts, Finished(**{"reason": "stop", **members})]


def said(text: str = "x", index: int = 0, kind: Any = "text", **closed: Any) -> list[Event]:
    return [PartOpened(index=index, kind=kind, at=f"/content/{index}"), PartDelta(index, text), PartClosed(index=index, **closed)]


def whole(events: list[Event], **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode(events, stream=False, **more)[0])
    return found


def test_the_grammar_of_a_stream() -> None:
    data, losses = encode(ANSWER)
    found = chunks(data)
    assert losses == []
    assert data.endswith(b"data: [DONE]\n\n")
    assert {each["id"] for each in found} == {"chatcmpl-001"}
    assert {(each["object"], each["created"], each["model"]) for each in found} == {
        ("chat.completion.chunk", 1_800_000_000, "real-model")
    }
    deltas = [each["choices"][0]["delta"] for each in found if each["choices"]]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert [delta for delta in deltas[1:] if "role" in delta] == []
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == "Let me think."
    pieces = [delta["tool_calls"][0] for delta in deltas if "tool_calls" in delta]
    assert pieces == [
        {"index": 0, "id": "toolu_1", "type": "function", "function": {"name": "f", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"a":'}},
        {"index": 0, "function": {"arguments": "1}"}},
        {"index": 1, "id": "toolu_2", "type": "function", "function": {"name": "g", "arguments": ""}},
        {"index": 1, "function": {"arguments": "{}"}},
    ]
    reasons = [each["choices"][0]["finish_reason"] for each in found if each["choices"]]
    assert [reason for reason in reasons if reason] == ["tool_calls"]
    assert found[-1]["choices"] == []
    assert found[-1]["usage"]["prompt_tokens_details"] == {"cached_tokens": 10, "cache_write_tokens": 5}


def test_usage_only_where_it_was_asked() -> None:
    data, _ = encode(ANSWER, body=ask(stream=True))
    assert not any("usage" in each for each in chunks(data))
    assert whole(ANSWER, body=ask())["usage"]["total_tokens"] == 42


def test_a_whole_answer() -> None:
    body = whole(ANSWER)
    choice = body["choices"][0]
    assert (body["id"], body["object"], body["model"], choice["index"], choice["finish_reason"]) == (
        "chatcmpl-001", "chat.completion", "real-model", 0, "tool_calls",
    )  # fmt: skip
    message = choice["message"]
    assert (message["role"], message["content"], message["refusal"]) == ("assistant", "Héllo", None)
    assert [call["function"] for call in message["tool_calls"]] == [
        {"name": "f", "arguments": '{"a":1}'},
        {"name": "g", "arguments": "{}"},
    ]
    assert whole([*ANSWER[:1], *ANSWER[9:]])["choices"][0]["message"]["content"] is None
    assert whole(answer())["choices"][0]["message"]["content"] == ""


def test_the_official_sdk_reads_both() -> None:
    state: ChatCompletionStreamState[None] = ChatCompletionStreamState()
    for each in chunks(encode(ANSWER)[0]):
        state.handle_chunk(ChatCompletionChunk.model_validate(each, strict=True))
    streamed = state.get_final_completion()
    complete = ChatCompletion.model_validate(whole(ANSWER), strict=True)
    for found in (streamed, complete):
        message = found.choices[0].message
        assert message.content == "Héllo"
        calls = [call.function for call in message.tool_calls or () if call.type == "function"]
        assert [(call.name, call.arguments) for call in calls] == [("f", '{"a":1}'), ("g", "{}")]
        assert found.usage is not None
        assert found.usage.completion_tokens_details is not None
        assert found.usage.completion_tokens_details.reasoning_tokens == 7


def thoughts(*texts: str) -> list[Event]:
    parts = [event for index, text in enumerate(texts) for event in said(text, index, "reasoning", proof=f"sig-{index}")]
    return answer(*parts, *said("done", len(texts)))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("texts", [("one thought",), ("first ", "sécond", "third")])
def test_foreign_proofs_come_back_whole(stream: bool, texts: tuple[str, ...]) -> None:
    """Through a client that joins all thinking into one string."""
    data, _ = encode(thoughts(*texts), stream=stream)
    deltas = (
        [each["choices"][0]["delta"] for each in chunks(data) if each["choices"]]
        if stream
        else [json.loads(data)["choices"][0]["message"]]
    )
    message = {
        "role": "assistant",
        "content": "done",
        "reasoning_content": "".join(delta.get("reasoning_content") or "" for delta in deltas),
        "reasoning_details": [entry for delta in deltas for entry in delta.get("reasoning_details") or ()],
    }
    assert message["reasoning_content"] == "".join(texts)
    parts = parse(ask(message)).messages[0].parts
    found = [(part.text, part.proof, part.proof_from) for part in parts if isinstance(part, Reasoning)]
    assert found == [(text, f"sig-{index}", "anthropic:acme") for index, text in enumerate(texts)]


def test_redacted_thinking_comes_back() -> None:
    events = answer(PartOpened(index=0, kind="reasoning", redacted=True), PartClosed(index=0, proof="ENC"), *said("x", 1))
    message = whole(events)["choices"][0]["message"]
    (entry,) = message["reasoning_details"]
    assert entry["type"] == "reasoning.encrypted"
    (first, _) = parse(ask(message)).messages[0].parts
    assert isinstance(first, Reasoning)
    assert (first.redacted, first.proof, first.proof_from) == (True, "ENC", "anthropic:acme")


def test_thinking_without_a_proof_needs_no_details() -> None:
    for proof in (None, ""):
        assert "reasoning_details" not in whole(answer(*said("x", kind="reasoning", proof=proof)))["choices"][0]["message"]


def test_a_seal_that_was_changed_proves_nothing() -> None:
    message = whole(thoughts("hm"))["choices"][0]["message"]
    message["reasoning_details"][0]["signature"] = seal.MARK + "AAAA.BBBB"
    (first, _) = parse(ask(message)).messages[0].parts
    assert isinstance(first, Reasoning)
    assert (first.text, first.proof) == ("hm", None)
    assert seal.unseal(message["reasoning_details"][0]["signature"], KEY) is None


@pytest.mark.parametrize(
    ("reason", "word"),
    [("stop", "stop"), ("length", "length"), ("context", "length"), ("tool", "stop"), ("refusal", "content_filter"),
     ("pause", "stop"), ("stop_sequence", "stop"), ("other", "stop")],
)  # fmt: skip
def test_reasons(reason: Any, word: str) -> None:
    assert whole(answer(*said(), reason=reason))["choices"][0]["finish_reason"] == word


def test_refusals() -> None:
    details = Raw(b'{"type":"refusal","category":"cyber","explanation":"Not this."}')
    events = answer(*said(), reason="refusal", extras={"stop_details": details})
    choice = whole(events)["choices"][0]
    assert (choice["finish_reason"], choice["message"]["refusal"]) == ("content_filter", "Not this.")
    deltas = [each["choices"][0]["delta"] for each in chunks(encode(events)[0]) if each["choices"]]
    assert [delta["refusal"] for delta in deltas if "refusal" in delta] == ["Not this."]
    spoken = whole(answer(*said("No.", kind="refusal")))["choices"][0]["message"]
    assert (spoken["content"], spoken["refusal"]) == (None, "No.")


def test_legacy_clients_get_a_function_call() -> None:
    body = ask(functions=[{"name": "f"}], stream=True)
    data, losses = encode(ANSWER, body=body)
    pieces = [
        each["choices"][0]["delta"]["function_call"] for each in chunks(data) if "function_call" in each["choices"][0]["delta"]
    ]
    assert pieces[0] == {"name": "f", "arguments": ""}
    assert "".join(piece["arguments"] for piece in pieces) == '{"a":1}'
    assert told(losses) == {"/response/content/3": "dropped"}
    choice = whole(ANSWER, body=body)["choices"][0]
    assert (choice["finish_reason"], choice["message"]["function_call"]["name"]) == ("function_call", "f")


def test_web_citations_become_annotations() -> None:
    cited = (Citation(raw=Raw(b"{}"), url="https://a.example", title="A"),)
    events = answer(*said("Hello. "), *said("It is so.", 1, citations=cited))
    (note,) = whole(events)["choices"][0]["message"]["annotations"]
    assert note["url_citation"] == {"url": "https://a.example", "title": "A", "start_index": 7, "end_index": 16}
    streamed, _ = encode([*events[:-1], *said("More.", 2, citations=cited), events[-1]])
    state: ChatCompletionStreamState[None] = ChatCompletionStreamState()
    for each in chunks(streamed):
        state.handle_chunk(ChatCompletionChunk.model_validate(each, strict=True))
    assert len(state.get_final_completion().choices[0].message.annotations or ()) == 2
    pages = (Citation(raw=Raw(b'{"type":"page_location","cited_text":"x"}'), at="/content/0/citations/0"),)
    for stream in (False, True):
        _, losses = encode(answer(*said("x", citations=pages)), stream=stream)
        assert told(losses) == {"/response/content/0/citations/0": "dropped"}


def test_what_chat_has_no_place_for() -> None:
    opaque = PartOpened(index=1, kind="opaque", raw=Raw(b"{}"), opaque_kind="server_tool_use", at="/content/1")
    media = PartOpened(index=2, kind="media", media=Media(kind="video", data="AA"), at="/content/2")
    events = answer(*said(), opaque, PartClosed(index=1), media, PartClosed(index=2))
    for stream in (False, True):
        data, losses = encode(events, stream=stream)
        assert told(losses) == {"/response/content/1": "dropped", "/response/content/2": "dropped"}
        assert b"server_tool_use" not in data


def test_ids_are_never_missing_and_never_twice() -> None:
    parts = [
        event
        for index, ident in enumerate((None, "a", "a"))
        for event in (PartOpened(index=index, kind="tool", id=ident, name="f"), PartClosed(index=index))
    ]
    calls = whole(answer(*parts, reason="tool"))["choices"][0]["message"]["tool_calls"]
    assert len({call["id"] for call in calls}) == 3


def test_failures_inside_a_stream() -> None:
    failed = Failed(Error(kind=ErrorKind.OVERLOADED, message="busy"))
    data, _ = encode([*ANSWER[:4], failed])
    last = chunks(data)[-1]
    assert last == {
        "error": {"message": "busy", "type": "service_unavailable_error", "param": None, "code": "server_is_overloaded"}
    }
    assert b"[DONE]" not in data
    assert json.loads(encode([failed], stream=False)[0])["error"]["message"] == "busy"


def test_own_answers_go_back_in_their_own_words() -> None:
    raw = Raw(b'{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"cost":0.1}')
    extras = {
        "system_fingerprint": Raw(b'"fp"'),
        "/choices/0/logprobs": Raw(b'{"content":[]}'),
        "/choices/0/message/mo~1od~0": Raw(b'"calm"'),
    }
    paths = {"reason": "/choices/0/finish_reason", "cache_read": "/usage/prompt_tokens_details/cached_tokens"}
    events = [
        Started(id="gen-9", model="m", extras={"created": Raw(b"17")}),
        PartOpened(index=0, kind="text", at="/choices/0/message/content"),
        *said()[1:],
        Finished(reason="stop", raw_reason="eos", usage=Usage(input=3, output=4, raw=raw), extras=extras, paths=paths),
    ]
    for stream in (False, True):
        data, losses = encode(events, stream=stream, provider="openai-chat")
        assert losses == []
        assert decode(data, stream=stream) == events


def test_a_conversation_survives_a_round_trip() -> None:
    message = whole(ANSWER)["choices"][0]["message"]
    thought, text, first, second = parse(ask(message)).messages[0].parts
    assert isinstance(thought, Reasoning)
    assert (thought.text, thought.proof) == ("Let me think.", "sig==")
    assert isinstance(text, Text)
    assert isinstance(first, ToolCall)
    assert isinstance(second, ToolCall)
    assert (first.id, first.arguments, second.arguments) == ("toolu_1", '{"a":1}', "{}")


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=5), stream=st.booleans())
def test_text_is_never_changed(texts: list[str], stream: bool) -> None:
    events = answer(PartOpened(index=0, kind="text"), *(PartDelta(0, text) for text in texts), PartClosed(index=0))
    data, _ = encode(events, stream=stream)
    again = decode(data, stream=stream)
    assert "".join(event.text for event in again if isinstance(event, PartDelta)) == "".join(texts)
