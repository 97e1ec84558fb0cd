"""How the sandbox misbehaves on purpose: one table, one row a model name. Rule: a row is data; what a client should see is in it.

Any other model name behaves well.
"""

import re

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.reply import Fault
from dragoman.sandbox.scenario import Scenario

WELL_BEHAVED = Scenario(name="sandbox", does="Behaves well, as does every name that is not in this table.", sees="A good answer.")


def _told_in(retry_after: object) -> str:
    return f"`retry-after: {retry_after}` (Gemini: `RetryInfo`)"


def _fails(status: int, kind: ErrorKind, message: str, sees: str, **more: object) -> Scenario:
    retry_after = more.pop("retry_after", None)
    name = more.pop("name", f"sandbox-{status}")
    fault = Fault(kind=kind, message=message, status=status, retry_after=retry_after)  # type: ignore[arg-type]
    does = f"Fails with {status}" + (f" and {_told_in(retry_after)}." if retry_after is not None else ".")
    return Scenario(name=name, does=more.pop("does", does), sees=sees, fault=fault, **more)  # type: ignore[arg-type]


_LIMITED = "Rate limit reached for this model: limit 3 requests per minute, used 3. Please try again in {retry_after}s."
_MOVES = "The next provider's answer, or this error."
_LOST = "The next provider's answer, or an error."
_SECOND = (
    "The next provider's answer; alone with one try (`DRAGOMAN_ATTEMPTS=1`), this error every other time; "
    "with more, a good answer."
)
_MARKS = "The next provider's answer, or a 502: the provider's key is at fault, not the client's."
_FINAL = "This error; no other provider is asked."

SCENARIOS: tuple[Scenario, ...] = (
    WELL_BEHAVED,
    # Errors before anything else.
    _fails(400, ErrorKind.BAD_REQUEST, "The sandbox was asked to refuse this request.", _FINAL),
    _fails(401, ErrorKind.AUTH, "The sandbox was asked to refuse this key.", _MARKS),
    _fails(402, ErrorKind.BILLING, "Your credit balance is too low to access the API.", _MARKS),
    _fails(403, ErrorKind.PERMISSION, "Your API key does not have permission to use this model.", _MARKS),
    _fails(404, ErrorKind.NOT_FOUND, "model: sandbox-404", _MOVES),
    _fails(408, ErrorKind.TIMEOUT, "The request timed out.", _MOVES),
    _fails(409, ErrorKind.CONFLICT, "The request conflicts with another one.", _MOVES),
    _fails(413, ErrorKind.TOO_LARGE, "Request exceeds the maximum size.", _FINAL),
    _fails(422, ErrorKind.BAD_REQUEST, "The request was well-formed but cannot be processed.", _FINAL),
    _fails(429, ErrorKind.RATE_LIMIT, _LIMITED, _MOVES + " A wait as told.", retry_after=1, takes="retry_after"),
    _fails(
        429,
        ErrorKind.RATE_LIMIT,
        _LIMITED,
        _SECOND,
        name="sandbox-429-once",
        does=f"Fails with 429 and {_told_in(1)} on every first call of two, answers the second.",
        retry_after=1,
        once=True,
    ),
    _fails(500, ErrorKind.SERVER, "Internal server error", _MOVES),
    _fails(502, ErrorKind.SERVER, "Bad gateway", _MOVES),
    _fails(503, ErrorKind.OVERLOADED, "The server is overloaded or not ready yet.", _MOVES),
    _fails(
        503,
        ErrorKind.OVERLOADED,
        "The server is overloaded or not ready yet.",
        _SECOND,
        name="sandbox-503-once",
        does="Fails with 503 on every first call of two, answers the second.",
        once=True,
    ),
    _fails(504, ErrorKind.TIMEOUT, "The upstream request timed out.", _MOVES),
    _fails(529, ErrorKind.OVERLOADED, "Overloaded", _MOVES),
    Scenario(
        name="sandbox-quota",
        does="Fails because nothing is left to spend: OpenAI's 429 `insufficient_quota` without `retry-after`, Anthropic's 402, "
        "Gemini's 429 with a quota `PerDay`.",
        sees="The next provider's answer, or this error (a 502 for a 402). No retry.",
        fault=Fault(
            kind=ErrorKind.BILLING, message="You exceeded your current quota, please check your plan and billing details."
        ),
    ),
    Scenario(
        name="sandbox-context",
        does="Fails with 400 because the prompt is too long.",
        sees="This error.",
        fault=Fault(kind=ErrorKind.CONTEXT_OVERFLOW, message="prompt is too long: 200001 tokens > 200000 maximum"),
    ),
    Scenario(name="sandbox-html-error", does="Fails with 502 and a page of HTML, as a proxy does.", sees=_LOST, change="html"),
    Scenario(
        name="sandbox-redirect",
        does="Answers 307 to another path.",
        sees="The next provider's answer, or an error. The redirect is never followed.",
        change="redirect",
    ),
    # Time.
    Scenario(
        name="sandbox-late", does="Is silent for 1 s before the first byte.", sees="A good answer, late.", wait=1.0, takes="wait"
    ),
    Scenario(
        name="sandbox-slow",
        does="Leaves 100 ms between two frames (a whole body comes in eight pieces).",
        sees="A good answer, slowly.",
        pace=0.1,
        takes="pace",
    ),
    Scenario(
        name="sandbox-long",
        does="Says 200 words, 10 ms apart (a whole body comes at once).",
        sees="All the words, as they come.",
        mood="long",
        words=200,
        pace=0.01,
        takes="words",
    ),
    Scenario(
        name="sandbox-comments",
        does="Sends three keep-alives (comments, pings, Gemini's chunks without parts; blank lines before a whole body), 50 ms "
        "apart, before the content.",
        sees="A good answer.",
        keepalives=3,
        takes="keepalives",
    ),
    Scenario(name="sandbox-hang", does="Accepts the request and never answers.", sees="A timeout.", at="nothing", then="hang"),
    Scenario(
        name="sandbox-hang-start",
        does="Sends the headers and what precedes content, then nothing more.",
        sees="A timeout.",
        at="start",
        then="hang",
    ),
    Scenario(
        name="sandbox-hang-mid",
        does="Sends half of the content, then nothing more.",
        sees="Half of the content, then an error.",
        at="middle",
        then="hang",
    ),
    # Broken connections.
    Scenario(name="sandbox-cut-early", does="Closes the connection without an answer.", sees=_LOST, at="nothing", then="cut"),
    Scenario(
        name="sandbox-cut-start",
        does="Closes the connection after the headers and what precedes content.",
        sees=_LOST,
        at="start",
        then="cut",
    ),
    Scenario(
        name="sandbox-cut",
        does="Closes the connection after half of the content (or half of a whole body).",
        sees="Half of a stream's content, then an error; of a whole body an error only.",
        at="middle",
        then="cut",
    ),
    Scenario(name="sandbox-reset", does="Resets the connection (RST) without an answer.", sees=_LOST, at="nothing", then="reset"),
    Scenario(
        name="sandbox-reset-mid",
        does="Resets the connection (RST) after half of the content.",
        sees="At most half of the content, then an error.",
        at="middle",
        then="reset",
    ),
    # Broken answers.
    Scenario(
        name="sandbox-error-event",
        does="Answers 200, then sends an error event before any content (whole: 200 with an error as body, Responses: `failed`).",
        sees=_LOST,
        at="start",
        then="error",
        change="error-body",
    ),
    Scenario(
        name="sandbox-error-mid",
        does="Answers 200, then sends an error event after half of the content (whole: as `sandbox-error-event`).",
        sees="Half of the content, then the error.",
        at="middle",
        then="error",
        change="error-body",
    ),
    Scenario(
        name="sandbox-bad-json",
        does="Breaks the JSON of the first event with content (or of the whole body).",
        sees=_LOST,
        at="start",
        change="broken",
    ),
    Scenario(
        name="sandbox-bad-json-mid",
        does="Breaks the JSON of an event in the middle of the content (or of the whole body), then goes on.",
        sees="Half of the content, then an error.",
        at="middle",
        change="broken",
    ),
    Scenario(
        name="sandbox-no-terminator",
        does="Ends the answer without saying so: no `finish_reason`, `stop_reason`, `status` or `finishReason`, no last event.",
        sees="A stream's content, then an error; a whole body as if it had ended by itself.",
        mood="unfinished",
        at="ending",
    ),
    Scenario(
        name="sandbox-no-done",
        does="Leaves out the last event of a stream where it says nothing else (`[DONE]`, `message_stop`).",
        sees="A good answer.",
        at="last",
    ),
    Scenario(name="sandbox-empty", does="Answers 200 with nothing in it.", sees=_LOST, change="blank"),
    Scenario(
        name="sandbox-silent", does="Answers with no content, but with a proper ending.", sees="An empty answer.", mood="silent"
    ),
    Scenario(name="sandbox-no-usage", does="Tells no usage.", sees="A good answer; usage is estimated or zero.", usage="none"),
    Scenario(
        name="sandbox-usage-late",
        does="Tells usage only at the very end, asked for or not, and zeros before.",
        sees="A good answer with the right usage.",
        usage="late",
    ),
    # Odd, but right.
    Scenario(name="sandbox-1-byte", does="Sends every byte by itself.", sees="A good answer.", grain=1),
    Scenario(
        name="sandbox-crlf",
        does="Ends the lines of a stream with CRLF, as Gemini always does.",
        sees="A good answer.",
        change="crlf",
    ),
    Scenario(
        name="sandbox-gzip",
        does="Compresses the answer with gzip, asked for or not.",
        sees="A good answer.",
        change="gzip",
    ),
    Scenario(
        name="sandbox-unicode",
        does="Answers with emoji, right-to-left text, line separators and combining characters, half of it as \\u escapes.",
        sees="Exactly that text.",
        mood="unicode",
    ),
    # What is said.
    Scenario(
        name="sandbox-parallel-tools",
        does="Calls two or more tools at once, their arguments interleaved where the dialect can.",
        sees="All calls, each with its own arguments.",
        mood="parallel",
    ),
    Scenario(
        name="sandbox-thinking", does="Thinks, asked for or not.", sees="The thoughts, then a good answer.", mood="thinking"
    ),
    Scenario(
        name="sandbox-redacted",
        does="Thinks, but shows it to nobody (Anthropic: `redacted_thinking`; Responses: `encrypted_content` alone; Gemini: "
        "`thoughtSignature` alone).",
        sees="A good answer.",
        mood="redacted",
    ),
    Scenario(name="sandbox-refusal", does="Refuses to answer (Gemini: blocks the prompt).", sees="A refusal.", mood="refusal"),
    Scenario(
        name="sandbox-filtered",
        does="Is stopped by a content filter while speaking.",
        sees="`content_filter` (OpenAI), `refusal` (Anthropic), `SAFETY` (Gemini).",
        mood="filtered",
    ),
    Scenario(
        name="sandbox-max-tokens",
        does="Stops in the middle, as if `max_tokens` were reached.",
        sees="Half of the answer, marked as cut short.",
        mood="max-tokens",
    ),
    Scenario(
        name="sandbox-strict",
        does="Refuses top-level members that the vendor does not know, with its 400.",
        sees="A good answer, or a 400 that names the member.",
        strict=True,
    ),
)
BY_NAME = {row.name: row for row in SCENARIOS}
NAMES = tuple(BY_NAME)
IN_STREAM = Fault(kind=ErrorKind.OVERLOADED, message="Overloaded")
"""What an error event says."""

_NUMBER = re.compile(r"^(sandbox-.+)-(\d{1,6})(ms|s)?$")
_UNIT = {"ms": 0.001, "s": 1.0}
_DEFAULT_UNIT = {"wait": "ms", "pace": "ms", "retry_after": "s"}
_LONGEST = 600.0


def scenario_of(model: str) -> Scenario:
    """The row of a model name, with the number at its end set in; WELL_BEHAVED for any other name."""
    found = BY_NAME.get(model)
    if found is not None:
        return found
    match = _NUMBER.match(model)
    row = BY_NAME.get(match[1]) if match is not None else None
    if match is None or row is None or not row.takes:
        return WELL_BEHAVED
    if row.takes in ("words", "keepalives"):
        return WELL_BEHAVED if match[3] else _with(row, row.takes, int(match[2]))
    seconds = int(match[2]) * _UNIT[match[3] or _DEFAULT_UNIT[row.takes]]
    return _with(row, row.takes, min(seconds, _LONGEST))


def _with(row: Scenario, takes: str, value: float) -> Scenario:
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    if takes != "retry_after":
        return Scenario(**(fields | {takes: value}))
    fault = row.fault
    assert fault is not None
    told = {name: getattr(fault, name) for name in fault.__struct_fields__} | {"retry_after": max(1, round(value))}
    return Scenario(**(fields | {"fault": Fault(**told)}))


def table() -> str:
    """The table as Markdown, for people."""
    rows = [f"| `{row.name}` | {row.does} | {row.sees} | {_TAKES[row.takes]} |" for row in SCENARIOS]
    return (
        "\n".join(("| model | what it does | what a client should see | number at the end |", "|---|---|---|---|", *rows)) + "\n"
    )


_TAKES = {
    "": "",
    "wait": "the silence: `-300ms`, `-2s`",
    "pace": "the gap: `-20ms`",
    "words": "how many words: `-50`",
    "retry_after": "`retry-after`: `-30s`",
    "keepalives": "how many: `-10`",
}
