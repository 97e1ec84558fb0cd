"""What is remembered of refusals, for how long, for whom, and how much of it."""

from msgspec.structs import replace

from dragoman.core.config import Provider, Target
from dragoman.core.parts import Reasoning, Text, ToolCall
from dragoman.core.request import Message, Request
from dragoman.routing.learned import DAY, MOST_CONVERSATIONS, MOST_MEMBERS, MOST_TARGETS, Learned, conversation

P = Provider(id=1, name="P", slug="p", provider_type="openai", base_url="https://p.example/v1")
TARGET = Target(provider=P, model="m", dialect="openai-chat", base=P.base_url)


def test_a_member_is_left_out_for_a_day() -> None:
    learned = Learned()
    learned.refuses(TARGET, ("temperature", "tools.*.strict"), "no", 100.0)
    assert learned.members(TARGET, 100.0) == ("temperature", "tools.*.strict")
    assert learned.members(TARGET, 100.0 + DAY - 1) == ("temperature", "tools.*.strict")
    assert learned.members(TARGET, 100.0 + DAY) == ()
    assert learned.facts(100.0 + DAY) == ()


def test_only_for_that_target_as_it_is_configured() -> None:
    learned = Learned()
    learned.refuses(TARGET, ("temperature",), "no", 0.0)
    others = [
        replace(TARGET, model="n"),
        replace(TARGET, dialect="anthropic"),
        replace(TARGET, provider=replace(P, slug="q")),
        replace(TARGET, base="https://elsewhere.example/v1"),
        replace(TARGET, path="/other"),
    ]
    assert [learned.members(other, 0.0) for other in others] == [()] * len(others)
    assert learned.members(replace(TARGET, provider=replace(P, priority=1)), 0.0) == ("temperature",)


def test_what_is_learned_again_counts_from_then() -> None:
    learned = Learned()
    learned.refuses(TARGET, ("a", "b"), "no", 0.0)
    learned.refuses(TARGET, ("a",), "still no", 10.0)
    assert [(fact.member, fact.learned_at, fact.said) for fact in learned.facts(10.0)] == [
        ("a", 10.0, "still no"),
        ("b", 0.0, "no"),
    ]


def test_what_is_kept_is_bounded() -> None:
    learned = Learned()
    learned.refuses(TARGET, [f"m{n}" for n in range(MOST_MEMBERS + 5)], "x" * 10_000, 0.0)
    assert len(learned.members(TARGET, 0.0)) == MOST_MEMBERS
    assert learned.members(TARGET, 0.0)[-1] == f"m{MOST_MEMBERS + 4}"
    assert len(learned.facts(0.0)[0].said) == 300
    for number in range(MOST_TARGETS):
        learned.refuses(replace(TARGET, model=f"n{number}"), ("a",), "no", 0.0)
    assert len(learned.facts(0.0)) == MOST_TARGETS
    assert learned.members(TARGET, 0.0) == ()
    for number in range(MOST_CONVERSATIONS + 1):
        learned.forgets(TARGET, str(number), 3, 0.0)
    assert (learned.turns(TARGET, "0", 0.0), learned.turns(TARGET, "1", 0.0)) == (0, 3)


def test_a_conversation_goes_without_its_first_thoughts() -> None:
    learned = Learned()
    assert not learned.knows_conversations
    learned.forgets(TARGET, "c", 4, 0.0)
    learned.forgets(TARGET, "c", 8, 5.0)
    assert learned.knows_conversations
    assert (learned.turns(TARGET, "c", 5.0), learned.turns(TARGET, "c", 5.0 + DAY)) == (8, 0)
    assert (learned.turns(TARGET, "d", 5.0), learned.turns(replace(TARGET, model="n"), "c", 5.0)) == (0, 0)


def test_it_is_forgotten_for_one_provider_or_all() -> None:
    learned = Learned()
    other = replace(TARGET, provider=replace(P, slug="q"))
    for each in (TARGET, other):
        learned.refuses(each, ("a",), "no", 0.0)
        learned.forgets(each, "c", 2, 0.0)
    assert [fact.provider for fact in learned.facts(0.0, "q")] == ["q"]
    learned.forget("p")
    assert (learned.members(TARGET, 0.0), learned.turns(TARGET, "c", 0.0)) == ((), 0)
    assert (learned.members(other, 0.0), learned.turns(other, "c", 0.0)) == (("a",), 2)
    learned.forget()
    assert (learned.facts(0.0), learned.knows_conversations) == ((), False)


def user(text: str) -> Message:
    return Message("user", (Text(text),))


def said(*messages: Message, system: str = "") -> str:
    return conversation(Request(dialect="x", system=(Text(system),), messages=messages), "session")


def test_a_conversation_is_known_by_how_it_begins() -> None:
    answer = Message("assistant", (Reasoning(text="hm", proof="p"), Text("Hi"), ToolCall(id="1", name="f", arguments="{}")))
    known = said(user("a"), answer)
    assert said(user("a"), answer, user("b"), answer) == known
    assert said(user("a"), answer, system="today is Friday") == known
    assert said(Message("system", (Text("x"),)), user("a"), answer) == known
    assert said(user("a"), Message("assistant", answer.parts[1:])) == known
    others = [said(user("b"), answer), said(user("a"), Message("assistant", (Text("Ho"),))), said(user("a"), user("b"), answer)]
    assert known not in others
    request = Request(dialect="x", messages=(user("a"), answer))
    assert conversation(request, None) != conversation(request, "session")
