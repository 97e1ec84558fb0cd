"""Histories as clients really send them: without ids, with repeated ids, with results late, missing or unasked for."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from dragoman.core.loss import LossKind
from dragoman.core.parts import CacheMark, Media, Opaque, Part, Text, ToolCall, ToolResult
from dragoman.core.request import Message, Request, Role
from dragoman.dialects.history import INTERRUPTED, REMINDER, leading_system, merged, paired, reminder, settled, unpaired
from dragoman.dialects.ledger import Ledger


def call(id_: str, name: str = "f") -> ToolCall:
    return ToolCall(id=id_, name=name, arguments="{}")


def result(id_: str, text: str = "r", name: str | None = None) -> ToolResult:
    return ToolResult(id=id_, parts=(Text(text),), name=name)


def assistant(*parts: Part) -> Message:
    return Message("assistant", parts)


def user(*parts: Part) -> Message:
    return Message("user", parts)


def tool(*parts: Part) -> Message:
    return Message("tool", parts)


def ids(messages: tuple[Message, ...]) -> list[str]:
    return [part.id for message in messages for part in message.parts if isinstance(part, ToolCall | ToolResult)]


def test_a_healthy_history_is_not_touched() -> None:
    history = (user(Text("hi")), assistant(call("a"), call("b")), tool(result("b")), tool(result("a")))
    assert paired(history) is history


def test_calls_without_ids_get_their_ordinal() -> None:
    history = (assistant(call(""), call("")), tool(result("")), tool(result("")), assistant(call("")), tool(result("")))
    assert ids(paired(history)) == ["call_0", "call_1", "call_0", "call_1", "call_2", "call_2"]


def test_ids_decide_before_order() -> None:
    history = (assistant(call("a"), call("b")), tool(result("unknown")), tool(result("a")))
    assert ids(paired(history)) == ["a", "b", "b", "a"]


def test_names_decide_before_order() -> None:
    history = (assistant(call("a", "f"), call("b", "g")), tool(result("", name="g")), tool(result("", name="f")))
    assert ids(paired(history)) == ["a", "b", "b", "a"]


def test_an_id_that_every_turn_repeats_is_made_unique() -> None:
    history = (assistant(call("call_0")), tool(result("call_0")), assistant(call("call_0")), tool(result("call_0")))
    assert ids(paired(history)) == ["call_0", "call_0", "call_0_1", "call_0_1"]


def test_parallel_calls_of_one_id_are_answered_in_order() -> None:
    history = (assistant(call("x"), call("x")), tool(result("x", "1")), tool(result("x", "2")))
    assert ids(paired(history)) == ["x", "x_1", "x", "x_1"]


def test_a_result_answers_only_a_call_before_it() -> None:
    history = (tool(result("")), assistant(call("a")), tool(result("a")))
    assert ids(paired(history)) == ["", "a", "a"]
    assert unpaired(history).orphans == (result(""),)


def test_the_latest_turn_is_answered_first() -> None:
    history = (assistant(call("old")), user(Text("never mind")), assistant(call("new")), tool(result("?")))
    assert ids(paired(history)) == ["old", "new", "new"]


def test_results_move_behind_their_turn_and_gaps_are_told() -> None:
    history = (assistant(call("a"), call("b")), user(Text("wait")), tool(result("b")), assistant(Text("ok")))
    done = settled(paired(history))
    assert [message.role for message in done] == ["assistant", "tool", "user", "assistant"]
    made_up, real = done[1].parts
    assert isinstance(made_up, ToolResult)
    assert real == result("b")
    assert (made_up.id, made_up.parts[0], made_up.is_error) == ("a", Text(INTERRUPTED), True)
    assert unpaired(history).unanswered == (call("a"),)


def test_an_orphan_keeps_its_text() -> None:
    history = (user(Text("hi")), tool(result("gone", "42")), assistant(Text("ok")))
    assert settled(paired(history)) == (user(Text("hi")), user(Text("42")), assistant(Text("ok")))


def test_of_several_results_of_a_call_the_last_is_it_and_all_keep_their_text() -> None:
    for history in (
        (assistant(call("a")), tool(result("a", "1")), tool(result("a", "2"))),
        (assistant(call("a")), user(result("a", "1"), result("a", "2"))),
    ):
        assert settled(paired(history)) == (assistant(call("a")), tool(result("a", "2")), user(Text("1")))
        assert unpaired(paired(history)).orphans == (result("a", "1"),)


def test_a_repeated_result_of_repeated_ids_belongs_to_the_last_of_them() -> None:
    history = (assistant(call("x"), call("x")), tool(result("x", "1")), tool(result("x", "2")), tool(result("x", "3")))
    once = paired(history)
    assert ids(once) == ["x", "x_1", "x", "x_1", "x_1"]
    assert paired(once) == once
    assert settled(once)[1] == tool(result("x", "1"), result("x_1", "3"))


def test_a_result_after_the_model_went_on_is_told_as_text() -> None:
    """What the model saw at its turn stays what it saw: prompts are cached by it, thoughts are signed over it."""
    early = (assistant(call("a"), call("b")), tool(result("a")), user(Text("never mind b")))
    late = (*early, assistant(Text("ok")), tool(result("b", "42")))
    assert settled(paired(late))[: len(settled(paired(early)))] == settled(paired(early))
    assert settled(paired(late))[-1] == user(Text("42"))
    assert [part.id for part in unpaired(paired(late)).unanswered] == ["b"]
    assert unpaired(paired(late)).orphans == (result("b", "42"),)


def test_a_result_and_text_in_one_turn_are_parted() -> None:
    history = (assistant(call("a")), user(Text("and"), result("a")))
    assert settled(history) == (assistant(call("a")), tool(result("a")), user(Text("and")))


def test_assistant_turns_in_a_row_that_call_are_one() -> None:
    history = (assistant(call("a")), assistant(call("b")), tool(result("b")), tool(result("a")))
    assert settled(history) == (assistant(call("a"), call("b")), tool(result("a"), result("b")))


def test_merged() -> None:
    history = (
        tool(result("a")),
        user(Text("x")),
        user(),
        assistant(Text("1")),
        assistant(Text("2")),
        user(Text("y"), result("b")),
    )
    assert merged(history) == (
        user(result("a"), Text("x")),
        assistant(Text("1"), Text("2")),
        user(result("b"), Text("y")),
    )


def test_leading_system() -> None:
    request = Request(
        dialect="x",
        system=(Text("top"),),
        messages=(
            Message("system", (Text("a"), Text("b"))),
            Message("developer", (Text("c"),)),
            user(Text("hi")),
            Message("system"),
        ),
    )
    pieces, rest = leading_system(request)
    assert pieces == (Text("top"), Text("a"), Text("b"), Text("c"))
    assert rest == (user(Text("hi")), Message("system"))


def test_a_system_message_with_more_than_text_stays_in_place() -> None:
    opaque = Opaque(dialect="x", kind="k", raw=Raw(b"{}"))
    image = Message("system", (Media(kind="image", url="u"),))
    request = Request(dialect="x", messages=(Message("system", (opaque,)), image))
    assert leading_system(request) == ((opaque,), (image,))


_ids = st.sampled_from(["", "a", "b", "call_0", "call_1", "a_1"])
_calls = st.builds(call, _ids, st.sampled_from("fg"))
_results = st.builds(result, _ids, st.sampled_from(["r1", "r2", "r3"]), st.sampled_from([None, "f", "g"]))
_texts = st.builds(Text, st.sampled_from(["t1", "t2"]))


def _message(role: Role, parts: list[Part]) -> Message:
    return Message(role, tuple(parts))


_messages = st.lists(
    st.one_of(
        st.builds(_message, st.just("assistant"), st.lists(st.one_of(_texts, _calls), max_size=3)),
        st.builds(_message, st.sampled_from(["user", "tool"]), st.lists(st.one_of(_texts, _results), max_size=3)),
        st.builds(_message, st.just("system"), st.lists(_texts, max_size=1)),
    ),
    max_size=7,
).map(tuple)


def texts(messages: tuple[Message, ...]) -> list[str]:
    found: list[str] = []
    for message in messages:
        for part in message.parts:
            inner = part.parts if isinstance(part, ToolResult) else (part,)
            found.extend(piece.text for piece in inner if isinstance(piece, Text) and piece.text != INTERRUPTED)
    return sorted(found)


@given(_messages)
def test_any_history_comes_out_in_order(history: tuple[Message, ...]) -> None:
    once = paired(history)
    assert paired(once) == once
    done = settled(once)
    assert texts(done) == texts(history)
    assert settled(done) == done
    calls = [part.id for message in done for part in message.parts if isinstance(part, ToolCall)]
    assert len(set(calls)) == len(calls)
    assert all(calls)
    for before, after in pairwise([*done, user()]):
        asked = {part.id for part in before.parts if isinstance(part, ToolCall)}
        assert asked == {part.id for part in after.parts if isinstance(part, ToolResult)}


@given(_messages)
def test_results_stand_in_the_order_of_their_calls(history: tuple[Message, ...]) -> None:
    done = settled(paired(history))
    for before, after in pairwise(done):
        called = [part.id for part in before.parts if isinstance(part, ToolCall)]
        if called:
            assert after.role == "tool"
            assert [part.id for part in after.parts if isinstance(part, ToolResult)] == called


@given(_messages, _messages)
def test_the_beginning_does_not_depend_on_the_rest(history: tuple[Message, ...], more: tuple[Message, ...]) -> None:
    """A request ends before the model's turn; the next one begins with the same messages, and with what the model said."""
    asked = (*history, user(Text("go on")))
    grown = (*asked, assistant(Text("done")), *more)
    assert paired(grown)[: len(asked)] == paired(asked)
    for step in (settled, lambda messages: merged(settled(messages))):
        before, after = step(paired(asked)), step(paired(grown))
        assert after[: len(before)] == before


@given(_messages)
def test_merged_turns_alternate_and_lose_nothing(history: tuple[Message, ...]) -> None:
    done = merged(settled(paired(history)))
    assert merged(done) == done
    assert texts(done) == texts(history)
    assert all(before.role != after.role for before, after in pairwise(done))


def test_a_compaction_stands_for_what_came_before_it() -> None:
    compaction = Opaque(dialect="x", kind="compaction", raw=Raw(b"{}"), at="/c", summary="they met")
    request = Request(
        dialect="x",
        system=(Text("top"),),
        messages=(user(Text("old")), assistant(Text("older"), compaction, Text("hello")), user(Text("new"))),
    )
    assert leading_system(request) == (
        (Text("top"), Text("they met", at="/c")),
        (assistant(compaction, Text("hello")), user(Text("new"))),
    )


def test_a_reminder_is_one_text_with_the_last_mark_and_keeps_what_is_no_text() -> None:
    image = Media(kind="image", data="aGk=", at="/s/2")
    texts = (
        Text("Be brief.", CacheMark(at="/s/0/mark"), at="/s/0"),
        Text(" ", at="/s/1"),
        image,
        Text("Be kind.", CacheMark("1h"), at="/s/3"),
    )
    ledger = Ledger(own=False, weights={})
    told = reminder(Message("system", texts, at="/s"), ledger)
    words = REMINDER.format("Be brief.\n\nBe kind.")
    assert told == Message("user", (Text(words, CacheMark("1h"), at="/s"), image), at="/s")
    assert {loss.path: loss.kind for loss in ledger.losses} == {"/s": LossKind.APPROXIMATED, "/s/0/mark": LossKind.HINT}


def test_members_of_a_reminder_are_told_in_its_own_dialect_too() -> None:
    text = Text("Be brief.", extras={"noise": Raw(b"1"), "idle": Raw(b"2")}, at="/s/0")
    ledger = Ledger(own=True, weights={"content.idle": None, "messages.name": LossKind.HINT})
    reminder(Message("system", (text,), {"name": Raw(b'"a"')}, "/s"), ledger)
    found = {loss.path: loss.kind for loss in ledger.losses}
    assert found == {"/s": LossKind.APPROXIMATED, "/s/0/noise": LossKind.DROPPED, "/s/name": LossKind.HINT}


def test_a_step_of_very_many_calls_is_paired_in_one_pass() -> None:
    """Their results in another order, half of them of no call: what waits is not searched anew for each."""
    many = 20_000
    calls = [call(f"call_{n}") for n in range(many)]
    results = [tool(result(f"{'call' if n % 2 else 'other'}_{n}")) for n in reversed(range(many))]
    found = paired((assistant(*calls), *results))
    assert (unpaired(found).unanswered, unpaired(found).orphans) == ((), ())
    assert sorted(ids(found)) == sorted([f"call_{n}" for n in range(many)] * 2)
