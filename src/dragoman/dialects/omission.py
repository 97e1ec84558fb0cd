"""A request that is built, without members that its target turned out not to take (routing/learned).

Rule: what may be left out is a setting, never what the client said: no member without which there is no request, no word of the
conversation, no tool, nothing inside schemas, arguments or other data of the client's. What goes is told as a loss where the
client wrote it; what the client did not write is no loss.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from dragoman.core.errors import Error
from dragoman.core.loss import LossKind
from dragoman.core.parts import CacheMark, Media, Reasoning, Text, ToolCall, ToolResult
from dragoman.core.request import Request, Tool
from dragoman.dialects.base import Built
from dragoman.dialects.faults.unsupported import unsupported
from dragoman.dialects.ledger import Ledger
from dragoman.wire.cut import cut, letters

LONGEST: Final = 200
"""Characters of a path."""
_DEEPEST: Final = 10

# The dialects' API references (2026-11), in letters that all spellings share.
_NEEDED: Final = frozenset(
    {"model", "messages", "input", "contents", "stream", "system", "systeminstruction", "instructions", "prompt", "tools",
     "functions", "requests", "anthropicversion"}
)  # fmt: skip
"""Top-level members that are no settings."""
_SPOKEN: Final = frozenset({"messages", "contents", "input", "system", "systeminstruction", "instructions", "tools", "functions"})
"""Members that hold the conversation and the tools."""
_SETTINGS: Final = frozenset(
    {"cachecontrol", "promptcachebreakpoint", "ttl", "scope", "strict", "reasoning", "reasoningcontent", "reasoningdetails",
     "thinkingblocks", "thoughtsignature", "signature", "extracontent", "providerspecificfields", "annotations", "citations",
     "caller", "toolsetname", "iserror", "detail", "index", "phase", "status", "async", "prefix", "partial", "metadata",
     "deferloading", "eagerinputstreaming", "inputexamples", "allowedcallers", "transformations", "videometadata",
     "mediaresolution", "willcontinue", "scheduling", "logprobs", "parsed", "parsedarguments"}
)  # fmt: skip
"""What may go of them: members that are no words, and no part of a call, a result, a medium or a tool."""
_DATA: Final = frozenset(
    {"inputschema", "parameters", "parametersjsonschema", "schema", "responseschema", "responsejsonschema", "properties",
     "input", "output", "args", "arguments", "response", "metadata"}
)  # fmt: skip
"""Members below which everything is the client's own data."""
_NAMED: Final = frozenset({"content", "toolcalls", "functioncall", "function", "custom"})
"""What `name` means the thing itself in; that of a message is a setting."""
_KINDS: Final = frozenset(
    {"type", "name", "mode", "schema", "jsonschema", "structure", "function", "custom", "tools", "allowedtools"}
)
"""Members of a setting without which it means nothing."""
_PLACES: Final = ("", "tools.*.", "tools.*.function.", "messages.*.", "messages.*.content.*.", "input.*.", "input.*.content.*.",
                  "contents.*.parts.*.", "generationConfig.", "inferenceConfig.", "additionalModelRequestFields.", "options.",
                  "toolConfig.tools.*.toolSpec.")  # fmt: skip
"""Where a member may stand that is named without its place."""
_COUNTED: Final = ("generateContentRequest.", "input.converse.")
"""What a request stands in that is sent to have its tokens counted (Gemini, Bedrock)."""
_TOOLS_IN: Final[Mapping[str, bytes]] = {"toolconfig": b'"toolSpec"'}
"""Members that hold the tools in one dialect and only the choice among them in another: what tells the tools."""

_HINT, _DROPPED = LossKind.HINT, LossKind.DROPPED


def refused(error: Error, body: bytes) -> tuple[str, ...]:
    """Paths of members of `body` that can be left out and that its target, by this error, does not take."""
    found = (
        next((path for path in _candidates(told) if may_go(path, body) and cut(body, path)[1]), None)
        for told in unsupported(error)
    )
    return tuple(dict.fromkeys(path for path in found if path is not None))


def may_go(path: str, body: bytes = b"") -> bool:
    """A request `body` without the member at this path is still the client's."""
    steps = [letters(step) for step in path.split(".")]
    if len(path) > LONGEST or len(steps) > _DEEPEST or steps[-1] in ("*", ""):
        return False
    if "tools" in steps[2:]:
        return False
    if len(steps) == 1:
        return steps[0] not in _NEEDED and (steps[0] not in _TOOLS_IN or _TOOLS_IN[steps[0]] not in body)
    if not _DATA.isdisjoint(steps[1:-1]):
        return False
    if not _is_spoken(steps):
        return steps[-1] not in _KINDS
    if steps[-1] == "name":
        return steps[0] == "messages" and _NAMED.isdisjoint(steps)
    return steps[-1] in _SETTINGS


def _is_spoken(steps: list[str]) -> bool:
    return steps[0] in _SPOKEN or "tools" in steps[:2]


def left_out(built: Built, request: Request, paths: Iterable[str], *, own: bool) -> Built:
    """The built request without the members at `paths`, told as losses of `request`; the same object where there are none.

    `own`: the client speaks the target's dialect, so that a member stands where the client wrote it.
    """
    body, gone = built.body, list[tuple[str, str]]()
    for path in paths:
        for place in ("", *_COUNTED) if may_go(path, body) else ():
            body, pointers = cut(body, place + path)
            gone += [(path, pointer) for pointer in pointers]
    if not gone:
        return built
    ledger = Ledger(own=own, weights=request.weights)
    for loss in built.losses:
        ledger.lose(loss.path, loss.kind, loss.why)
    for path, pointer in gone:
        steps = path.split(".")
        places, kind = _told(steps, request, body)
        if own and (places or places is None or _is_spoken([letters(step) for step in steps])):
            places = [place for place in places or () if _near(place, pointer)] or places or [pointer]
        for place in ("",) if places is None else places:
            ledger.lose(place, kind or ledger.weight(path.rpartition(".")[2]) or _HINT, f"{path}: {_WHY}")
    return replace(built, body=body, losses=ledger.told())


def _candidates(told: str) -> Iterable[str]:
    return (told,) if "." in told else (f"{place}{told}" for place in _PLACES)


def _near(place: str, pointer: str) -> bool:
    return place == pointer or pointer.startswith(f"{place}/") or place.startswith(f"{pointer}/")


def _told(steps: list[str], request: Request, body: bytes) -> tuple[list[str] | None, LossKind | None]:
    """(where the client wrote what the member told, None where that is not known; what losing it means). `body`: without it."""
    plain = [letters(step) for step in steps]
    if _is_spoken(plain):
        finder, kind = _INSIDE.get(plain[-1], (None, None))
        if finder is not None:
            return list(finder(request)), kind
        return [tool.at for tool in request.tools] if "tools" in plain[:2] else None, None
    name = next((name for name in plain if name in _WHOLE), plain[-1])
    if name in _TOLD:
        members, kind = _TOLD[name]
        lost = (member for member in members if _lost(member, request, body))
        return [place for member in lost for place in _places(member, plain[-1], request)], kind
    return ([f"/extra_body/{steps[0]}"] if len(steps) == 1 and steps[0] in request.passed else None), None


def _lost(member: str, request: Request, body: bytes) -> bool:
    """The client said it, and nothing says it any more."""
    elsewhere = _ELSEWHERE.get(member)
    return getattr(request, member) is not None and (elsewhere is None or elsewhere not in body)


def _places(member: str, name: str, request: Request) -> list[str]:
    """Where the client wrote it. How much to think may stand apart from whether to."""
    at = getattr(getattr(request, member), "at", "") or request.at(member)
    ask = request.reasoning
    apart = None if member != "reasoning" or ask is None or ask.effort is None else request.paths.get("effort")
    if apart is None or name in _UNMEASURED:
        return [at]
    return [apart] if name in _EFFORT else [at, apart]


_WHY = "its provider said before that it does not take this"

_WHOLE: Final = frozenset({"reasoning", "thinking", "thinkingconfig", "reasoningconfig", "responseformat"})
"""Settings that are an object: losing a member of one is told of the setting."""
_EFFORT: Final = frozenset({"effort", "reasoningeffort", "outputconfig", "thinkinglevel", "maxreasoningeffort"})
"""Members that tell how much to think."""
_UNMEASURED: Final = frozenset({"budgettokens", "thinkingbudget", "display", "includethoughts"})
"""Members of thinking without which its effort is still told."""
_ELSEWHERE: Final[Mapping[str, bytes]] = {"parallel_tools": b'"parallel_tool_calls"', "logprobs": b'"responseLogprobs"'}
"""A canonical member -> what tells it in a dialect where it stands by itself."""
_TOLD: Final[Mapping[str, tuple[tuple[str, ...], LossKind]]] = {
    # a member's letters, in any dialect -> (the canonical members it tells, what losing it means)
    "temperature": (("temperature",), _DROPPED),
    "topp": (("top_p",), _DROPPED),
    "topk": (("top_k",), _DROPPED),
    "maxtokens": (("max_output_tokens",), _DROPPED),
    "maxcompletiontokens": (("max_output_tokens",), _DROPPED),
    "maxoutputtokens": (("max_output_tokens",), _DROPPED),
    "stop": (("stop",), _DROPPED),
    "stopsequences": (("stop",), _DROPPED),
    "seed": (("seed",), _DROPPED),
    "randomseed": (("seed",), _DROPPED),
    "presencepenalty": (("presence_penalty",), _DROPPED),
    "frequencypenalty": (("frequency_penalty",), _DROPPED),
    "n": (("n",), _DROPPED),
    "candidatecount": (("n",), _DROPPED),
    "logprobs": (("logprobs", "top_logprobs"), _DROPPED),
    "responselogprobs": (("logprobs",), _DROPPED),
    "toplogprobs": (("top_logprobs",), _DROPPED),
    "responseformat": (("response_format",), _DROPPED),
    "format": (("response_format",), _DROPPED),
    "outputformat": (("response_format",), _DROPPED),
    "responsemimetype": (("response_format",), _DROPPED),
    "responseschema": (("response_format",), _DROPPED),
    "responsejsonschema": (("response_format",), _DROPPED),
    "jsonschema": (("response_format",), _DROPPED),
    "outputconfig": (("response_format", "reasoning"), _DROPPED),
    "textformat": (("response_format",), _DROPPED),
    "generationconfig": (
        (
            "temperature",
            "top_p",
            "top_k",
            "max_output_tokens",
            "stop",
            "seed",
            "presence_penalty",
            "frequency_penalty",
            "n",
            "logprobs",
            "top_logprobs",
            "response_format",
            "reasoning",
        ),
        _DROPPED,
    ),
    "inferenceconfig": (("max_output_tokens", "temperature", "top_p", "stop"), _DROPPED),
    "additionalmodelrequestfields": (("reasoning", "top_k"), _DROPPED),
    "options": (
        ("temperature", "top_p", "top_k", "max_output_tokens", "stop", "seed", "presence_penalty", "frequency_penalty"),
        _DROPPED,
    ),
    "numpredict": (("max_output_tokens",), _DROPPED),
    "k": (("top_k",), _DROPPED),
    "p": (("top_p",), _DROPPED),
    "reasoning": (("reasoning",), _DROPPED),
    "reasoningeffort": (("reasoning",), _DROPPED),
    "effort": (("reasoning",), _DROPPED),
    "thinking": (("reasoning",), _DROPPED),
    "thinkingconfig": (("reasoning",), _DROPPED),
    "thinkingbudget": (("reasoning",), _DROPPED),
    "thinkinglevel": (("reasoning",), _DROPPED),
    "enablethinking": (("reasoning",), _DROPPED),
    "budgettokens": (("reasoning",), _DROPPED),
    "reasoningconfig": (("reasoning",), _DROPPED),
    "maxreasoningeffort": (("reasoning",), _DROPPED),
    "think": (("reasoning",), _DROPPED),
    "tokenbudget": (("reasoning",), _DROPPED),
    "display": (("reasoning",), _HINT),
    "includethoughts": (("reasoning",), _HINT),
    "verbosity": (("verbosity",), _DROPPED),
    "text": (("response_format", "verbosity"), _DROPPED),
    "toolchoice": (("tool_choice", "parallel_tools"), _DROPPED),
    "toolconfig": (("tool_choice",), _DROPPED),
    "functioncallingconfig": (("tool_choice",), _DROPPED),
    "allowedfunctionnames": (("tool_choice",), _DROPPED),
    "paralleltoolcalls": (("parallel_tools",), _DROPPED),
    "disableparalleltooluse": (("parallel_tools",), _DROPPED),
    "user": (("user",), _HINT),
    "userid": (("user",), _HINT),
    "safetyidentifier": (("safety_identifier",), _HINT),
    "metadata": (("metadata", "user", "safety_identifier"), _HINT),
    "promptcachekey": (("prompt_cache_key",), _HINT),
    "servicetier": (("service_tier",), _HINT),
    "store": (("store",), _HINT),
    "streamoptions": (("stream_usage",), _HINT),
    "includeusage": (("stream_usage",), _HINT),
    "include": (("logprobs",), _DROPPED),
}


def _pieces(request: Request) -> Iterator[object]:
    yield from request.tools
    yield from request.system
    for message in request.messages:
        for part in message.parts:
            yield part
            yield from part.parts if isinstance(part, ToolResult) else ()


def _marks(request: Request) -> Iterator[str]:
    for piece in _pieces(request):
        mark: CacheMark | None = getattr(piece, "cache", None)
        if mark is not None and isinstance(piece, Text | Media | Tool | ToolCall | ToolResult):
            yield mark.at or piece.at


def _strict(request: Request) -> Iterator[str]:
    yield from (tool.at for tool in request.tools if isinstance(tool, Tool) and tool.strict)


def _thoughts(request: Request) -> Iterator[str]:
    yield from (piece.at for piece in _pieces(request) if isinstance(piece, Reasoning))


def _errors(request: Request) -> Iterator[str]:
    failed = request.paths.get("is_error", "/is_error")
    yield from (f"{piece.at}{failed}" for piece in _pieces(request) if isinstance(piece, ToolResult) and piece.is_error)


def _details(request: Request) -> Iterator[str]:
    yield from (piece.at for piece in _pieces(request) if isinstance(piece, Media) and piece.detail is not None)


_INSIDE: Final[Mapping[str, tuple[Callable[[Request], Iterator[str]], LossKind]]] = {
    # a member's letters -> (where the client wrote what it tells, in the conversation or the tools; what losing it means)
    "cachecontrol": (_marks, _HINT),
    "promptcachebreakpoint": (_marks, _HINT),
    "ttl": (_marks, _HINT),
    "scope": (_marks, _HINT),
    "strict": (_strict, _DROPPED),
    "reasoningcontent": (_thoughts, _DROPPED),
    "reasoningdetails": (_thoughts, _DROPPED),
    "reasoning": (_thoughts, _DROPPED),
    "signature": (_thoughts, _DROPPED),
    "thoughtsignature": (_thoughts, _DROPPED),
    "iserror": (_errors, _DROPPED),
    "detail": (_details, _HINT),
}
