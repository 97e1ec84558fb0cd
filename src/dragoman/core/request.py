"""A request in the small canonical form. A concept is here as soon as two dialects can say it; the rest stays in `extras`.

None always means "not said": `0`, `""`, `False` and `[]` are values.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Raw, Struct, field

from dragoman.core.loss import LossKind
from dragoman.core.parts import CacheMark, Extras, Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall, ToolResult

Role: TypeAlias = Literal["system", "developer", "user", "assistant", "tool"]
Headers: TypeAlias = tuple[tuple[str, str], ...]
"""(lower-case name, value) pairs, in order."""


class Envelope(Struct, frozen=True, kw_only=True):
    """What is known of a call without parsing it. `body` are the client's bytes; `path` is decoded, `query` raw, without `?`.

    `operation`: "chat" | "count_tokens" | "embed" | "pass"; `model` None where the client named none (or null).
    `framing`: how the client wants a stream framed where its dialect has several ways, "" the usual one.
    `affinity`: what should stay on one provider (a session or user id), if the client told one. `pinned`: the call refers to
    state kept at a provider (Anthropic `thread`), so it never fails over; `refers`: by the id of that state, where it has one.
    Of a call that is passed ("pass", "embed"): `door`: method and pattern of its path; `below`: its path under the provider's
    base, escaped, "{model}" in it stands for the upstream model; `above`: what stands before that base's last segment;
    `links`: (member or header of its answer, path that it leads to).
    """

    dialect: str
    operation: str
    model: str | None
    stream: bool
    body: bytes
    method: str = "POST"
    path: str = ""
    query: str = ""
    headers: Headers = ()
    framing: str = ""
    affinity: str | None = None
    pinned: bool = False
    refers: str | None = None
    door: str = ""
    below: str = ""
    above: str = ""
    links: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str | None:
        """The first value of a header; `name` in lower case."""
        return next((value for key, value in self.headers if key == name), None)


class Message(Struct, frozen=True):
    """One turn as the client wrote it. Tool results stand in `user` (Anthropic) or `tool` (OpenAI) messages: builders regroup."""

    role: Role
    parts: tuple[Part, ...] = ()
    extras: Extras = {}
    at: str = ""


class Tool(Struct, frozen=True, kw_only=True):
    """A tool the client runs. `schema`: JSON Schema of the arguments, exact bytes, None where none was given.

    `custom`: takes free text in place of JSON (`schema` then is its `format`). `deferred`: offered only through tool search.
    """

    name: str
    description: str | None = None
    schema: Raw | None = None
    strict: bool | None = None
    custom: bool = False
    deferred: bool = False
    cache: CacheMark | None = None
    extras: Extras = {}
    at: str = ""


class ToolChoice(Struct, frozen=True, kw_only=True):
    """`mode` "any" = some tool must be called; "tool" = the tool `name`. `allowed`: only these tools (mode auto or any)."""

    mode: Literal["auto", "any", "none", "tool"]
    name: str | None = None
    allowed: tuple[str, ...] | None = None
    extras: Extras = {}
    at: str = ""


class ResponseFormat(Struct, frozen=True, kw_only=True):
    """`schema`: JSON Schema, exact bytes, where `kind` is "schema"."""

    kind: Literal["text", "json", "schema"]
    schema: Raw | None = None
    name: str | None = None
    description: str | None = None
    strict: bool | None = None
    extras: Extras = {}
    at: str = ""


class ReasoningAsk(Struct, frozen=True, kw_only=True):
    """How much the model shall think. Each member is None where the client did not say.

    `mode`: off, on (with `budget` tokens), adaptive, between_tools. `effort`: none|minimal|low|medium|high|xhigh|max.
    `summary`: whether and how thinking is shown (Anthropic display, Responses summary).
    """

    mode: Literal["off", "on", "adaptive", "between_tools"] | None = None
    effort: str | None = None
    budget: int | None = None
    summary: str | None = None
    extras: Extras = {}
    at: str = ""

    @property
    def open(self) -> bool:
        """Nothing is said of how much to think."""
        return self.mode is None and self.effort is None and self.budget is None


class Request(Struct, frozen=True, kw_only=True):
    """`dialect`: the client's. `system`: a top-level system prompt (system messages inside `messages` stay there).

    `passed`: members that the client wants laid over the provider's body as they are, whatever its dialect (`extra_body`).
    `paths`: canonical member -> JSON Pointer in the client's request (default: `/` + member); "effort" and "summary" where those
    of `reasoning` stand; "is_error" where a tool result tells it, from its own place on.
    `weights`: what losing one of the source's `extras` means; keys are member names, or `parent.member` for nested ones
    (`tools.eager_input_streaming`); "*" is the default; None means it carries nothing another dialect could miss.
    `whys`: by the same keys, why it is lost everywhere else, in a few words.
    """

    dialect: str
    model: str | None = None
    system: tuple[Text | Opaque, ...] = ()
    messages: tuple[Message, ...] = ()
    tools: tuple[Tool | Opaque, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tools: bool | None = None
    max_output_tokens: int | None = None
    temperature: int | float | None = None
    top_p: int | float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] | None = None
    seed: int | None = None
    presence_penalty: int | float | None = None
    frequency_penalty: int | float | None = None
    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    response_format: ResponseFormat | None = None
    reasoning: ReasoningAsk | None = None
    verbosity: str | None = None
    user: str | None = None
    safety_identifier: str | None = None
    metadata: Raw | None = None
    prompt_cache_key: str | None = None
    service_tier: str | None = None
    store: bool | None = None
    stream: bool = False
    stream_usage: bool | None = None
    extras: Extras = {}
    passed: Extras = {}
    paths: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, LossKind | None] = field(default_factory=dict)
    whys: Mapping[str, str] = field(default_factory=dict)

    def at(self, member: str) -> str:
        """JSON Pointer of a canonical top-level member in the client's request."""
        return self.paths.get(member, f"/{member}")


__all__ = [
    "CacheMark", "Envelope", "Extras", "Headers", "Media", "Message", "Opaque", "Part", "Reasoning", "ReasoningAsk", "Refusal",
    "Request", "ResponseFormat", "Role", "Text", "Tool", "ToolCall", "ToolChoice", "ToolResult",
]  # fmt: skip
