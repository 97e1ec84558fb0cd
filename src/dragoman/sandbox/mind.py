"""What the sandbox answers, in no dialect: text, thinking, tool calls. Rule: the same question gets the same answer, always."""

import re
from typing import Any, Literal

from msgspec import Struct

from dragoman.sandbox import task_tools
from dragoman.sandbox.schema import sample
from dragoman.sandbox.task import Task, Wanted
from dragoman.wire import json

Mood = Literal[
    "", "parallel", "thinking", "redacted", "unicode", "refusal", "filtered", "max-tokens", "long", "silent", "unfinished"
]
"""How a scenario changes the answer."""
Finish = Literal["stop", "length", "stop_sequence", "tools", "refusal", "filtered", "none"]

JSON_OBJECT: dict[str, Any] = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
REFUSAL = "I cannot help with that."
UNICODE = 'naïve café — “quotes” \\ "slash" \t日本語 العربية עברית 👩‍👩‍👧‍👦 𝒳𝒴 e\u0301 \u2028\u2029\u0085\ufeff 🏳️‍🌈 '
"""Everything that breaks careless line splitters, decoders and cutters."""
SHOWN_IN_THOUGHTS = 60
MAX_CALLS = 4
_PIECE = re.compile(r"\S+\s*|\s+")


class Tool(Struct, frozen=True):
    """A tool on offer. `custom`: it takes free text (OpenAI's custom tools), no JSON. `namespace`: where its name is known.

    `searches`: the client's own search for further tools (OpenAI's `tool_search`).
    """

    name: str
    schema: Any = None
    custom: bool = False
    namespace: str = ""
    searches: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.namespace}__{self.name}" if self.namespace else self.name


class Ask(Struct, frozen=True, kw_only=True):
    """A question. `text`: the last that the user said. `results`: of the tools, in the last turn. `turns`: user and assistant.

    `choice`: none, auto, any, or `tool` with `forced`. `format`: the JSON Schema that the answer must fit; `bare`: a text that
    fits has no quotes. `task`: of the newest
    message that has one, `done` results ago.
    """

    text: str = ""
    results: tuple[str, ...] = ()
    images: int = 0
    documents: int = 0
    turns: int = 1
    tools: tuple[Tool, ...] = ()
    choice: Literal["none", "auto", "any", "tool"] = "auto"
    forced: str = ""
    parallel: bool = True
    thinking: bool = False
    format: Any = None
    bare: bool = False
    task: Task | None = None
    done: int = 0
    stop: tuple[str, ...] = ()
    max_tokens: int | None = None
    input_tokens: int = 0
    cache_marked: bool = False


class Thought(Struct, frozen=True):
    text: str
    redacted: bool = False


class Say(Struct, frozen=True):
    text: str


class Refuse(Struct, frozen=True):
    text: str


class ToolUse(Struct, frozen=True):
    """A call. `arguments`: JSON text, or free text for a custom tool."""

    name: str
    arguments: str
    custom: bool = False
    namespace: str = ""
    searches: bool = False


Part = Thought | Say | Refuse | ToolUse


class Answer(Struct, frozen=True, kw_only=True):
    """`cached`/`written`: which of the input tokens came from the cache or went into it. `escaped`: half of it in \\u escapes."""

    parts: tuple[Part, ...]
    finish: Finish
    stop_sequence: str | None = None
    input_tokens: int = 0
    cached: int = 0
    written: int = 0
    output_tokens: int = 0
    thinking_tokens: int = 0
    interleaved: bool = False
    escaped: bool = False


def answer(ask: Ask, mood: Mood = "", words: int = 0) -> Answer:
    """The answer to `ask`. `words`: how many, in the mood `long`."""
    parts, finish = _parts(ask, mood, words)
    parts, finish, stopped = _stopped(parts, finish, ask.stop)
    parts, finish = _bounded(parts, finish, ask.max_tokens)
    cached, written = _cache(ask)
    return Answer(
        parts=parts,
        finish=finish,
        stop_sequence=stopped if finish == "stop_sequence" else None,
        input_tokens=ask.input_tokens,
        cached=cached,
        written=written,
        output_tokens=sum(cost(part) for part in parts),
        thinking_tokens=sum(cost(part) for part in parts if isinstance(part, Thought)),
        interleaved=mood == "parallel",
        escaped=mood == "unicode",
    )


def pieces(part: Part) -> list[str]:
    """A part in the pieces that a stream brings: words, or a few characters of arguments."""
    if isinstance(part, ToolUse):
        return [part.arguments[at : at + 8] for at in range(0, len(part.arguments), 8)]
    return _PIECE.findall(part.text)


def cost(part: Part) -> int:
    """Tokens: one a word; a call's arguments one for four characters."""
    return len(part.arguments) // 4 + 1 if isinstance(part, ToolUse) else len(pieces(part))


def _parts(ask: Ask, mood: Mood, words: int) -> tuple[tuple[Part, ...], Finish]:
    thoughts = _thoughts(ask, mood)
    match mood:
        case "refusal":
            return (Refuse(REFUSAL),), "refusal"
        case "filtered":
            return (Say("I was about to say"),), "filtered"
        case "silent":
            return (), "stop"
        case "long":
            return (*thoughts, Say("".join(f"word{n} " for n in range(1, words)) + "end.")), "stop"
        case "max-tokens":
            whole = pieces(Say(_said(ask)))
            return (*thoughts, Say("".join(whole[: max(1, len(whole) // 2)]))), "length"
        case "unfinished":
            return (*thoughts, Say(_said(ask))), "none"
    said, calls = _calls(ask, mood)
    if calls:
        before = (Say(said or _announced(calls)),) if ask.choice == "auto" else ()
        return (*thoughts, *before, *calls), "tools"
    return (*thoughts, Say((UNICODE if mood == "unicode" and ask.format is None else "") + _said(ask))), "stop"


def _thoughts(ask: Ask, mood: Mood) -> tuple[Part, ...]:
    if mood == "redacted":
        return (Thought("A thought that nobody may read.", redacted=True),)
    if not ask.thinking and mood != "thinking":
        return ()
    about = ask.results[-1] if ask.results else ask.text
    shown = about if len(about) <= SHOWN_IN_THOUGHTS else about[:SHOWN_IN_THOUGHTS] + "…"
    return (Thought(f"The last thing I was told is: {shown} Let me answer that."),)


def _said(ask: Ask) -> str:
    if ask.task is not None and (told := _told(ask.task, ask)) is not None:
        return told
    if ask.format is not None:
        found = sample(ask.format)
        return found if ask.bare and isinstance(found, str) else json.text(found)
    if ask.results:
        said = "\n".join(f"The tool said: {result}" for result in ask.results)
    else:
        said = f"You said: {ask.text}" if ask.text else "You said nothing."
    seen = [_counted(n, what) for n, what in ((ask.images, "image"), (ask.documents, "document")) if n]
    if seen:
        said += f" I see {' and '.join(seen)}."
    if ask.turns > 1:
        said += f" This is turn {ask.turns}."
    return said


def _told(task: Task, ask: Ask) -> str | None:
    """What is said where a task calls nothing (any more)."""
    step = task.step(ask.done)
    if step is not None and ask.tools:
        return f"No tool that is offered is called {step.calls[0].tool}."
    return task.last if task.last is not None or ask.format is not None else "The task is done."


def _calls(ask: Ask, mood: Mood) -> tuple[str, tuple[ToolUse, ...]]:
    """What is said before the calls, and the calls."""
    must = ask.choice in ("any", "tool")
    if not ask.tools or ask.choice == "none":
        return "", ()
    step = None if ask.task is None else ask.task.step(ask.done)
    if step is not None:
        calls = [call for wanted in step.calls if (call := _wanted(wanted, ask)) is not None]
        if calls or not must:
            return step.said, tuple(calls if ask.parallel else calls[:1])
    if not must and (ask.results or ask.task is not None):
        return "", ()
    return "", tuple(_call(tool, ordinal, mood) for tool, ordinal in _chosen(ask, mood))


def _wanted(wanted: Wanted, ask: Ask) -> ToolUse | None:
    """The call that a task wants; None where no such tool may be called."""
    tools = {tool.full_name: tool for tool in ask.tools if ask.choice != "tool" or tool.name == ask.forced}
    found = task_tools.offered(wanted.tool, tools)
    if found is None:
        return None
    tool = tools[found]
    if tool.custom:
        told = task_tools.free_text(wanted.arguments)
    else:
        told = task_tools.arguments(wanted.tool, tool.name, wanted.arguments, tool.schema)
    return _use(tool, told)


def _chosen(ask: Ask, mood: Mood) -> list[tuple[Tool, int]]:
    """Which tools are called, and for which time in this answer."""
    if ask.choice == "tool":
        chosen = [tool for tool in ask.tools if tool.name == ask.forced][:1]
    else:
        first = next((tool for tool in ask.tools if not tool.searches), ask.tools[0])
        chosen = [tool for tool in ask.tools if tool.name in ask.text][:MAX_CALLS] or [first]
    if not ask.parallel:
        chosen = chosen[:1]
    elif mood == "parallel":
        chosen = chosen if len(chosen) > 1 else [*chosen, *(t for t in ask.tools if t not in chosen)][:MAX_CALLS]
        chosen = chosen if len(chosen) > 1 else chosen * 2
    return [(tool, chosen[:at].count(tool) + 1) for at, tool in enumerate(chosen)]


def _call(tool: Tool, ordinal: int, mood: Mood) -> ToolUse:
    flavour = UNICODE if mood == "unicode" else ""
    if tool.custom:
        return _use(tool, f"{flavour}sample input for {tool.name} {ordinal}")
    return _use(tool, json.text(_flavoured(sample(tool.schema or {"type": "object"}, ordinal=ordinal), flavour)))


def _use(tool: Tool, arguments: str) -> ToolUse:
    return ToolUse(tool.name, arguments, tool.custom, tool.namespace, tool.searches)


def _flavoured(value: Any, flavour: str) -> Any:
    """Free sample strings in another flavour; what the schema fixes stays."""
    if isinstance(value, dict):
        return {name: _flavoured(inner, flavour) for name, inner in value.items()}
    if isinstance(value, list):
        return [_flavoured(inner, flavour) for inner in value]
    return flavour + value if flavour and isinstance(value, str) and value.startswith("sample ") else value


def _announced(calls: tuple[ToolUse, ...]) -> str:
    return f"I will call {' and '.join(call.name for call in calls)}."


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _stopped(parts: tuple[Part, ...], finish: Finish, stops: tuple[str, ...]) -> tuple[tuple[Part, ...], Finish, str | None]:
    """Cut at the first stop sequence in the text; it is not part of the answer."""
    for at, part in enumerate(parts):
        if not isinstance(part, Say):
            continue
        hits = [(place, stop) for stop in stops if stop and (place := part.text.find(stop)) >= 0]
        if hits:
            place, stop = min(hits)
            return (*parts[:at], *((Say(part.text[:place]),) if place else ())), "stop_sequence", stop
    return parts, finish, None


def _bounded(parts: tuple[Part, ...], finish: Finish, most: int | None) -> tuple[tuple[Part, ...], Finish]:
    """Cut at `most` tokens; a call that does not fit whole is left out."""
    if most is None:
        return parts, finish
    left, kept = most, list[Part]()
    for part in parts:
        if cost(part) <= left:
            kept.append(part)
            left -= cost(part)
            continue
        text = "".join(pieces(part)[:left])
        if text and isinstance(part, Say):
            kept.append(Say(text))
        elif text and isinstance(part, Thought):
            kept.append(Thought(text, part.redacted))
        return tuple(kept), "length"
    return parts, finish


def _cache(ask: Ask) -> tuple[int, int]:
    """(read, written): four fifths of a marked prompt, read once the conversation went on, written before."""
    if not ask.cache_marked:
        return 0, 0
    part = ask.input_tokens * 4 // 5
    return (part, 0) if ask.turns > 1 else (0, part)
