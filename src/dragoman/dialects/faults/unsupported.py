"""Which members of a request its provider does not know or take, out of an error: dated rows, and one reader.

Rule: only that a member is there is read here. A value that is out of range, a member that is missing, and whatever no row
knows are other errors.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from dragoman.core.errors import Error, ErrorKind

STATUSES: Final = frozenset({400, 422, None})
"""None: told inside an answer."""
CODES: Final = frozenset({"unsupported_parameter", "unknown_parameter"})
"""OpenAI's and Azure's codes (2026-11): `param` is the member."""
VALUES: Final = re.compile(r"(?i)\b(?:unsupported|invalid)[ _]value\b|\bsupported values\b|\bonly the default\b")
"""Errors about a value, whatever else they say (OpenAI, Azure, xAI, 2026-11)."""
_READ: Final = 20_000
"""Characters of a message that are read."""
_MOST: Final = 16
"""Members that one error may name."""

_NAME = r"(?<![\w.\[\]$-])[\w.\[\]$-]{1,200}"
_LIST = rf"[`'\"]?{_NAME}[`'\"]?(?:,\s*[`'\"]?{_NAME}[`'\"]?)*"


class Row(Struct, frozen=True):
    """`pattern`: its group `name` is one member or several, `at` the place that they stand in; `loc` a place step by step."""

    pattern: re.Pattern[str]
    source: str


def _row(pattern: str, source: str) -> Row:
    return Row(re.compile(pattern), source)


ROWS: Final = (
    _row(
        rf"(?i)(?:unsupported|unknown|unrecognized|unexpected) (?:request )?(?:parameter|param|argument|field)(?:s|\(s\))?"
        rf"(?: supplied)?: ?\[?(?P<name>{_LIST})",
        "OpenAI: eva-agent issue 83, 2025-03-31; codex issue 10834, 2026-02-06. Azure: gpt-pilot issue 1022, 2024-06-17. "
        "NVIDIA: OmniRoute issue 848, 2026-03-31",
    ),
    _row(
        rf"(?P<name>{_NAME}): (?:Extra inputs are not permitted(?!, field)|Additional input is not allowed)",
        "Anthropic: claude-code issue 31033, 2026-03-05; langchain issue 31208, 2025-05-13",
    ),
    _row(
        rf"Extra inputs are not permitted, field: [`'\"](?P<name>{_NAME})[`'\"]",
        "Fireworks and others behind OpenCode: pi issue 4514, 2026-05-14",
    ),
    _row(
        r"body -> (?P<loc>[\w>\s-]+?)\s*\\?n?\s+(?:Extra inputs are|extra fields) not permitted",
        "NVIDIA: garak issue 748, 2024-06-19; kilocode issue 9652, 2026-04-29",
    ),
    _row(
        r"extra_forbidden\\?['\"][^{}]*?loc\\?['\"]:\s*[\[(](?P<loc>[^\])]{0,400})[\])]",
        "Mistral: openclaude issue 739, 2026-04-17. vLLM: MaxKB issue 2912, 2025-04-17",
    ),
    _row(
        r"loc\\?['\"]:\s*[\[(](?P<loc>[^\])]{0,400})[\])],\s*\\?['\"]msg\\?['\"]:\s*\\?['\"]"
        r"(?:Extra inputs are|extra fields) not permitted",
        "pydantic 1 and 2 behind FastAPI: their documentation, 2026-11",
    ),
    _row(
        rf"[`'\"]?(?P<name>{_NAME})[`'\"]? is deprecated for this model",
        "Anthropic and Bedrock: inspect_ai issue 3721, 2026-04-20; cline issue 10572, 2026-05-06",
    ),
    _row(
        rf"(?P<name>{_NAME}): [\w`'\"]+ is not supported (?:with|on|for|by) this model",
        "Groq: vercel/ai pull 8057, 2025-08-14",
    ),
    _row(
        rf"[`'\"]?(?P<name>{_NAME})[`'\"]? is not supported (?:with|on|for|by) this model",
        "OpenAI: 9router issue 536, 2026-04-09",
    ),
    _row(
        rf"[Aa]rgument not supported on this model: (?P<name>{_LIST})",
        "xAI: page-assist issue 581, 2025-05-03",
    ),
    _row(
        rf"does not support (?:the )?(?:parameter|param)s?:? \[?(?P<name>{_LIST})",
        "xAI: NativeTavern issue 83, 2026-09-15. LiteLLM: litellm issue 18543, 2025-12-31",
    ),
    _row(
        rf"'(?P<at>{_NAME})' : property '(?P<name>{_NAME})' is unsupported",
        "Groq: jan issue 8136, 2026-05-13",
    ),
    _row(
        rf"property '(?P<name>{_NAME})' is unsupported",
        "Groq: chatbot issue 21, 2024-12-14. Cerebras: chatwise-releases issue 1442, 2026-07-02",
    ),
    _row(
        r"Unknown name \\?\"(?P<name>[^\"\\]+)\\?\"(?: at '(?P<at>[^']+)')?: Cannot find field",
        "Google: free-claude-code issue 542, 2026-05-24; llm-gateway issue 1858, 2026-05-07",
    ),
    _row(
        r"#(?P<at>[\w/]*): extraneous key \[(?P<name>[^\]]+)\] is not permitted",
        "Bedrock: litellm issue 7416, 2024-12-25; ruby_llm issue 586, 2026-01-31",
    ),
    _row(
        r"Additional properties are not allowed \((?P<name>'[^)]*?) (?:was|were) unexpected\)(?: - '(?P<at>[^']+)')?",
        "Azure: sample-app-aoai-chatGPT issue 416, 2023-11-29",
    ),
    _row(
        rf"unknown field: parameter [`'\"]?(?P<name>{_NAME}?)[`'\"]? is not a valid field",
        "Cohere: openrouter-examples issue 71, 2026-03-23",
    ),
    _row(
        rf"unprocessable entity: (?P<name>{_NAME}) is not supported",
        "Cohere: ai_clients_dart issue 26, 2026-02-02",
    ),
    _row(
        rf"(?:(?P<at>(?<![\w.\[\]])\w{{1,99}}[.\[][\w.\[\]]{{1,200}}): )?unknown field [`'\"](?P<name>{_NAME})[`'\"]",
        "servers in Go (encoding/json) and Rust (serde_json): their documentation, 2026-11",
    ),
)

_STEPS = re.compile(r"\[(\d*)\]|[/>\s]+|,")
_ROOTS = ("body.", "$.", "request.")


def unsupported(error: Error) -> tuple[str, ...]:
    """The members that the error names, as paths (`tools.*.strict`), the more exact first; () for any other error."""
    if error.ours or error.kind is not ErrorKind.BAD_REQUEST or error.status not in STATUSES:
        return ()
    message = error.message[:_READ]
    if VALUES.search(message) or VALUES.search(error.code or ""):
        return ()
    coded = [error.param] if error.param and error.code in CODES else []
    told = [*coded, *_told(message)]
    return tuple(dict.fromkeys(path for name in told if (path := _path(name)) != ""))[:_MOST]


def _told(message: str) -> Iterator[str]:
    for row in ROWS:
        for found in row.pattern.finditer(message):
            groups = found.groupdict()
            if groups.get("loc") is not None:
                yield groups["loc"]
                continue
            at = f"{groups['at']}." if groups.get("at") else ""
            yield from (f"{at}{name.strip()}" for name in groups["name"].split(","))


def _path(name: str) -> str:
    """As `wire.cut` has it: steps with dots between them, `*` for every index."""
    plain = _STEPS.sub(lambda step: f".{step[1] or ''}." if step[1] is not None else ".", re.sub(r"[`'\"\\]|->", "", name))
    steps = [step for step in plain.split(".") if step != ""]
    path = ".".join("*" if step.isdigit() else step for step in steps)
    for root in _ROOTS:
        path = path.removeprefix(root)
    return path
