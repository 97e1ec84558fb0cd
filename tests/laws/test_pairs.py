"""Over all pairs: a provider's answer, told to a client of another dialect and read there, says the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started, Usage
from dragoman.core.loss import LossKind
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.blanks import pointed
from support.every import every
from support.fixtures import Answer, answers, facts, finished, twins
from support.said import differences, of_events
from support.speech import decode, decode_with_losses, encode


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@every("answer", [each for each in finished() if each.said.excused is None])
def test_an_answer_says_the_same_in_every_dialect(answer: Answer, client: str, stream: bool) -> None:
    events = decode(answer.dialect, answer.data, stream=answer.stream)
    data, losses = encode(client, events, stream=stream, provider=answer.dialect)
    uncounted = [name for name in facts(client).get("uncounted", ()) if (answer.said.usage or {}).get(name)]
    assert differences(answer.said, of_events(decode(client, data, stream=stream)), uncounted) == []
    assert not uncounted or losses


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@every("answer", [each for each in answers() if each.said.error is not None])
def test_a_failure_is_a_failure_in_every_dialect(answer: Answer, client: str, stream: bool) -> None:
    events = decode(answer.dialect, answer.data, stream=answer.stream)
    data, _ = encode(client, events, stream=stream, provider=answer.dialect)
    before, after = events[-1], decode(client, data, stream=stream)[-1]
    assert isinstance(before, Failed)
    assert isinstance(after, Failed)
    alike: dict[str, str] = facts(client).get("failures", {})
    assert after.error.kind.value in (before.error.kind.value, alike.get(before.error.kind.value))
    assert before.error.message in after.error.message


@pytest.mark.parametrize("client", CLIENTS)
@every("answer", [each for each in finished() if each.said.excused is not None])
def test_what_cannot_be_told_is_confessed(answer: Answer, client: str) -> None:
    """`tells` of the facts: what of it a dialect can say all the same."""
    events, losses = decode_with_losses(answer.dialect, answer.data, stream=answer.stream)
    _, told = encode(client, events, stream=False, provider=answer.dialect)
    weighty = [loss for loss in [*losses, *told] if loss.kind is not LossKind.HINT]
    assert client == answer.dialect or answer.said.excused in facts(client).get("tells", ()) or weighty


@pytest.mark.parametrize("client", CLIENTS)
@every("answer", finished())
def test_losses_of_an_answer_point_into_the_answer(answer: Answer, client: str) -> None:
    """As the provider wrote it; of a stream, into the whole answer that it stands for."""
    events, losses = decode_with_losses(answer.dialect, answer.data, stream=answer.stream)
    body = whole_form(answer, events)
    for stream in (False, True):
        _, told = encode(client, events, stream=stream, provider=answer.dialect)
        paths = [loss.path for loss in [*losses, *told]]
        assert [path for path in paths if not path.startswith("/response/") or not pointed(body, path[9:])] == []


@every("answer", finished())
def test_every_part_tells_where_it_stands(answer: Answer) -> None:
    """Its text, too: where a loss of it would be told."""
    events = decode(answer.dialect, answer.data, stream=answer.stream)
    body = whole_form(answer, events)
    for event in events:
        if isinstance(event, PartOpened):
            assert event.at
            assert pointed(body, event.at + event.told_in)
        elif isinstance(event, Finished):
            assert pointed(body, event.at("reason"))
            assert event.usage is None or pointed(body, event.at("usage"))


@pytest.mark.parametrize("client", CLIENTS)
@every("answer", finished())
def test_whole_and_stream_lose_the_same(answer: Answer, client: str) -> None:
    events = decode(answer.dialect, answer.data, stream=answer.stream)
    whole, stream = (encode(client, events, stream=stream, provider=answer.dialect)[1] for stream in (False, True))
    assert {(loss.path, loss.kind) for loss in whole} == {(loss.path, loss.kind) for loss in stream}


def whole_form(answer: Answer, events: list[Event]) -> bytes:
    """The answer in one piece: as it was written, else as the provider's dialect would write what was streamed, as events or as
    an array of them."""
    wholes = {(whole.dialect, whole.name): whole for whole, _ in twins()}
    if not answer.stream and not answer.data.startswith(b"["):
        return answer.data
    if (answer.dialect, answer.name) in wholes:
        return wholes[answer.dialect, answer.name].data
    return encode(answer.dialect, events, stream=False, provider=answer.dialect)[0]


CALLS = ['{"city":"Rome"}', "{}", "", '{"n": [1.50, 12345678901234567890]}']


@pytest.mark.parametrize("client", CLIENTS)
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_calls_that_come_interleaved(client: str, data: st.DataObject) -> None:
    """Open at once, in any order, closed in any order: each call keeps its own arguments, and they keep their order."""
    provider = data.draw(st.sampled_from([each for each in DIALECTS if each != client] or [client]))
    texts = data.draw(st.lists(st.sampled_from(CALLS), min_size=1, max_size=4))
    lines: list[list[Event]] = [
        [
            PartOpened(index=index, kind="tool", id=f"call_{index}", name=f"tool_{index}"),
            *[PartDelta(index, text[place : place + 5]) for place in range(0, len(text), 5)],
            PartClosed(index=index),
        ]
        for index, text in enumerate(texts)
    ]
    events: list[Event] = [Started(id="a", model="m"), *[line.pop(0) for line in lines]]
    while any(lines):
        events.append(data.draw(st.sampled_from([line for line in lines if line])).pop(0))
    events.append(Finished(reason="tool", usage=Usage(input=3, output=4)))
    stream = data.draw(st.booleans())
    told, _ = encode(client, events, stream=stream, provider=provider)
    assert differences(of_events(events), of_events(decode(client, told, stream=stream))) == []
