"""A provider's or model's deviations, as data. Rows (preset <- model <- admin override) are merged into one of these.

None of a field means: as the dialect's own vendor does.
"""

from typing import Literal

from msgspec import Struct


class Host(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a body travels where somebody else than the dialect's vendor serves it (dialects/hosting)."""

    omit: frozenset[str] = frozenset()
    """Members that the URL tells, left out of the body of a chat."""
    version: dict[str, str] = {}
    """Value of the member `anthropic_version`, by the client's header `anthropic-version`; "" for any other."""
    betas_in: str = ""
    """The member that takes what the header `anthropic-beta` says, as a list."""
    count: Literal["", "invoke-model"] = ""
    """How a count is asked for: with the body as it is, or with the body wrapped, as Bedrock's CountTokens wants it."""
    frames: Literal["", "aws"] = ""
    """What the events of a stream come in: themselves, or Amazon's event stream."""


class Quirks(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every member is data a builder reads; a branch on a provider's name anywhere is a defect."""

    # top-level members
    rename: dict[str, str] = {}
    """Wire name -> the name this target takes (`max_tokens` -> `max_completion_tokens`)."""
    drop: frozenset[str] = frozenset()
    """Wire names of top-level members this target refuses: left out and told as a loss."""
    max_tokens_default: int | None = None
    """What is sent where the dialect demands a limit and the client gave none."""
    min_output_tokens: int | None = None
    max_output_tokens: int | None = None
    """What a model can write at most: a client of another dialect that allows more gets this."""
    temperature_max: float | None = None
    sampling: Literal["any", "one", "none"] | None = None
    """temperature/top_p: both, one of them (temperature wins), or refused."""
    stop_max: int | None = None
    """How many stop sequences; 0: the member is refused."""
    stream_usage: bool = True
    """Takes `stream_options.include_usage`."""
    top_k: bool = False
    """An OpenAI Chat flavour, or a model on Bedrock, that takes `top_k`."""
    parallel_flag: bool = True
    """Takes a flag that forbids parallel calls."""

    # roles and history
    system_role: Literal["system", "developer", "user"] | None = None
    """The role instructions are sent in (OpenAI reasoning models: developer; most others system; user: knows no instructions)."""
    mid_system: bool | None = None
    """Takes system messages in the middle of the conversation."""
    prefill: bool | None = None
    """The last message may be the assistant's, to be continued."""
    reasoning_back: Literal["reasoning_content", "reasoning"] | None = None
    """The member in which earlier thinking is sent back."""
    reasoning_required: bool = False
    """Earlier thinking, or the proof of it, must be sent back on turns with tool calls (a placeholder where none is known)."""
    reasoning_signed: bool = False
    """Refuses earlier thinking that has no proof."""
    text_parts: bool = True
    """Takes a list of text parts as content; False: several texts are joined into one string."""
    files: bool = True
    """Takes files (PDF) as parts of content."""
    ignores: frozenset[str] = frozenset()
    """Content types that this endpoint passes over in silence: left out, and told as a loss."""
    phase: bool = False
    """Takes what a text of the model's is for: a comment between its calls, or the answer (OpenAI `phase`)."""
    cache_marks: Literal["cache_control", "prompt_cache_breakpoint", "cache_point"] | None = None
    """The form of a prompt cache breakpoint; None: it takes none."""
    cache_long: bool = True
    """Takes the longer of the two times a cache mark may keep."""
    cache_key: bool = False
    """Finds a prompt it has cached by `prompt_cache_key`."""

    # thinking
    efforts: tuple[str, ...] | None = None
    """Effort levels taken, lowest first; (): the member is refused."""
    effort_form: Literal["reasoning_effort", "reasoning", "thinking", "enable_thinking", "reasoning_config"] | None = None
    thinking: frozenset[str] | None = None
    """Thinking modes taken: on (with a budget), adaptive (with an effort), off, between_tools."""
    thinking_budget: tuple[int, int] | None = None
    """The least and the most tokens to think with."""
    thinking_default: bool = False
    """Thinks even when not asked to."""
    tools_with_reasoning: bool = True
    reasoning_model: bool = False
    """Refuses sampling parameters while it reasons."""

    # tools
    forced_tools: bool | None = None
    """Takes a tool choice of any or one tool."""
    tool_name_max: int | None = None
    tool_id: Literal["alnum9", "none"] | None = None
    """A form tool call ids must have: exactly 9 letters and digits; none: calls have no ids and are paired by order."""
    tool_strict: bool = True
    custom_tools: bool = True
    json_schema: bool = True
    """Takes a JSON schema as response format."""
    json_mode: bool = True
    tools_with_schema: bool = True
    """Takes JSON as response format beside tools."""
    schema_form: Literal["openapi"] | None = None
    """How schemas are written: as Gemini's `Schema`, an OpenAPI subset."""

    # media
    media_by_url: bool = True
    """Fetches media by their URLs."""
    media_in_results: bool = True
    """Takes media in what a tool answered."""

    # answers
    ending: bool = True
    """False: this provider never sends a finish reason; the end of the body is the ending."""
    repeats_ids: bool = False
    """Repeats tool call or message ids, so answers are given new ones."""
    count_tokens: bool | None = None
    """Has its own count_tokens endpoint for the dialect."""

    # hosts
    host: Host | None = None
    betas: str = ""
    """The `anthropic-beta` values that are taken, as regular expression; "" = any."""
    count_form: Literal["plain"] | None = None
    """What is counted is the request itself, not one that is wrapped (Vertex)."""
