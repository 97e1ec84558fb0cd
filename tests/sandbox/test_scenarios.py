"""Every row of the table, in every dialect, whole and streaming, as it comes over the socket."""

from collections.abc import Callable

import pytest

from dragoman.sandbox import Sandbox
from dragoman.sandbox.mind import REFUSAL, UNICODE
from dragoman.sandbox.scenarios import NAMES, SCENARIOS, scenario_of, table
from dragoman.wire import json
from support.golden import ROOT, replace_between
from support.sandbox import (
    CHAT,
    DIALECTS,
    GEMINI,
    GEMINI_ARRAY,
    MESSAGES,
    RESPONSES,
    Raw,
    reason_of,
    reason_of_stream,
    say,
    text_of,
    text_of_stream,
)

GOOD = "You said: Hello there, dear sandbox"
STATUSES = {row.name: row.fault.status for row in SCENARIOS if row.fault is not None and row.fault.status is not None}
WAYS = [(path, stream) for path in DIALECTS for stream in (False, True)] + [(GEMINI_ARRAY, True)]
REASONS: dict[str, tuple[str, str, str, str]] = {
    CHAT: ("stop", "length", "content_filter", "stop"),
    MESSAGES: ("end_turn", "max_tokens", "refusal", "refusal"),
    RESPONSES: ("completed", "max_output_tokens", "content_filter", "completed"),
    GEMINI: ("STOP", "MAX_TOKENS", "SAFETY", "PROHIBITED_CONTENT"),
}
REASONS[GEMINI_ARRAY] = REASONS[GEMINI]
"""Why an answer ended: by itself, too long, filtered, refused."""
OPENING = {CHAT: 1, MESSAGES: 2, RESPONSES: 4, GEMINI: 0, GEMINI_ARRAY: 0}
"""Frames of a stream before its content."""

Check = Callable[[Raw, str, bool], None]


def text(raw: Raw, path: str, stream: bool) -> str:
    return text_of_stream(path, raw.data) if stream else text_of(path, raw.json)


def reason(raw: Raw, path: str, stream: bool) -> str | None:
    return reason_of_stream(path, raw.data) if stream else reason_of(path, raw.json)


def good(raw: Raw, path: str, stream: bool) -> None:
    assert (raw.status, raw.ending) == (200, "complete")
    assert text(raw, path, stream) == GOOD
    assert reason(raw, path, stream) == REASONS[path][0]


def fails(status: int) -> Check:
    def check(raw: Raw, path: str, stream: bool) -> None:
        assert (raw.status, raw.ending) == (status, "complete")
        assert raw.json["error"]["message"]
        assert ("type" in raw.json) == (path == MESSAGES)
        assert ("status" in raw.json["error"]) == (path in (GEMINI, GEMINI_ARRAY))

    return check


def nothing(ending: str) -> Check:
    def check(raw: Raw, path: str, stream: bool) -> None:
        assert (raw.status, raw.body, raw.ending) == (None, b"", ending)

    return check


def before_content(ending: str) -> Check:
    def check(raw: Raw, path: str, stream: bool) -> None:
        assert (raw.status, raw.ending) == (200, ending)
        if stream:
            frames = raw.data if raw.body else []
            assert len(frames) == OPENING[path]
            assert text_of_stream(path, frames) == ""
        else:
            assert raw.body == b""
            assert int(raw.headers["content-length"]) > 0

    return check


def half(ending: str) -> Check:
    def check(raw: Raw, path: str, stream: bool) -> None:
        assert (raw.status, raw.ending) == (200, ending)
        if stream:
            got = text(raw, path, stream)
            assert got
            assert GOOD.startswith(got)
            assert got != GOOD
        else:
            assert 0 < len(raw.body) < int(raw.headers["content-length"])

    return check


def error_inside(content: bool) -> Check:
    def check(raw: Raw, path: str, stream: bool) -> None:
        assert (raw.status, raw.ending) == (200, "complete")
        last = raw.data[-1] if stream else raw.json
        assert last.get("response", last)["error"]["message"] == "Overloaded"
        if stream:
            before = text_of_stream(path, raw.data[:-1])
            assert bool(before) == content
            assert before != GOOD
        if stream and path == RESPONSES:
            assert [event["type"] for event in raw.data[-2:]] == ["error", "response.failed"]
            assert [event["sequence_number"] for event in raw.data] == list(range(len(raw.data)))

    return check


def broken(raw: Raw, path: str, stream: bool) -> None:
    assert (raw.status, raw.ending) == (200, "complete")
    with pytest.raises(json.JSONError):
        _ = raw.data if stream else raw.json


def unfinished(raw: Raw, path: str, stream: bool) -> None:
    assert (raw.status, raw.ending) == (200, "complete")
    assert text(raw, path, stream) == GOOD
    assert reason(raw, path, stream) is None
    if stream:
        assert not any(mark in raw.body for mark in (b"[DONE]", b"message_stop", b"message_delta", b"response.completed"))


def no_done(raw: Raw, path: str, stream: bool) -> None:
    good(raw, path, stream)
    assert b"[DONE]" not in raw.body
    assert b"message_stop" not in raw.body


def empty(raw: Raw, path: str, stream: bool) -> None:
    assert (raw.status, raw.ending, raw.body) == (200, "complete", b"")


def silent(raw: Raw, path: str, stream: bool) -> None:
    assert raw.status == 200
    assert text(raw, path, stream) == ""
    assert reason(raw, path, stream) == REASONS[path][0]


def html(raw: Raw, path: str, stream: bool) -> None:
    assert (raw.status, raw.headers["content-type"]) == (502, "text/html")
    assert raw.body.startswith(b"<html>")


def redirect(raw: Raw, path: str, stream: bool) -> None:
    assert (raw.status, raw.headers["location"], raw.body) == (307, "/redirected", b"")


def refuses(raw: Raw, path: str, stream: bool) -> None:
    assert reason(raw, path, stream) == REASONS[path][3]
    if path == CHAT:
        told = [c["choices"][0]["delta"].get("refusal") or "" for c in raw.data[:-1]] if stream else []
        assert ("".join(told) if stream else raw.json["choices"][0]["message"]["refusal"]) == REFUSAL
    elif path == RESPONSES:
        deltas = [event["delta"] for event in raw.data if event["type"] == "response.refusal.delta"] if stream else [REFUSAL]
        answer = raw.data[-1]["response"] if stream else raw.json
        assert "".join(deltas) == answer["output"][0]["content"][0]["refusal"] == REFUSAL
    elif path == MESSAGES:
        assert text(raw, path, stream) == REFUSAL
        assert b'"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal"' in raw.body
    else:
        assert b'"candidates' not in raw.body


def filtered(raw: Raw, path: str, stream: bool) -> None:
    assert text(raw, path, stream) == "I was about to say"
    assert reason(raw, path, stream) == REASONS[path][2]


def cut_short(raw: Raw, path: str, stream: bool) -> None:
    assert text(raw, path, stream) == "You said: Hello "
    assert reason(raw, path, stream) == REASONS[path][1]


THOUGHTS: dict[str, tuple[bytes, ...]] = {
    CHAT: (b"reasoning_content",),
    MESSAGES: (b'"type":"thinking"', b"thinking_tokens"),
    RESPONSES: (b'"type":"reasoning"', b"reasoning_tokens"),
    GEMINI: (b'"thoughtSignature":"', b"thoughtsTokenCount"),
    GEMINI_ARRAY: (b'"thoughtSignature":"', b"thoughtsTokenCount"),
}


def thinks(raw: Raw, path: str, stream: bool) -> None:
    good(raw, path, stream)
    assert all(mark in raw.body for mark in THOUGHTS[path])


HIDDEN = {MESSAGES: b'"type":"redacted_thinking","data":"', RESPONSES: b'"encrypted_content":"', GEMINI: b'"thoughtSignature":"'}


def redacted(raw: Raw, path: str, stream: bool) -> None:
    good(raw, path, stream)
    assert b"nobody may read" not in raw.body
    assert b"reasoning_content" not in raw.body
    assert HIDDEN.get(path, b"") in raw.body


def no_usage(raw: Raw, path: str, stream: bool) -> None:
    good(raw, path, stream)
    assert b'"usage":{' not in raw.body
    assert b"usageMetadata" not in raw.body


def usage_late(raw: Raw, path: str, stream: bool) -> None:
    good(raw, path, stream)
    if not stream:
        return
    if path == CHAT:
        assert raw.data[-2]["choices"] == []
        assert raw.data[-2]["usage"]["total_tokens"] > 0
        return
    first, last = {
        MESSAGES: lambda: (raw.data[0]["message"]["usage"]["input_tokens"], raw.data[-2]["usage"]["input_tokens"]),
        RESPONSES: lambda: (raw.data[0]["response"]["usage"]["total_tokens"], raw.data[-1]["response"]["usage"]["total_tokens"]),
    }.get(path, lambda: tuple(raw.data[at]["usageMetadata"]["totalTokenCount"] for at in (0, -1)))()
    assert first == 0 < last


def crlf(raw: Raw, path: str, stream: bool) -> None:
    if stream and path != GEMINI_ARRAY:
        assert raw.body.count(b"\n") == raw.body.count(b"\r\n") > 0
        raw.body = raw.body.replace(b"\r\n", b"\n")
    elif stream:
        raw.body = raw.body.replace(b"\r\n]", b"\n]")
    good(raw, path, stream)


def gzip(raw: Raw, path: str, stream: bool) -> None:
    assert raw.headers["content-encoding"] == "gzip"
    good(raw, path, stream)


def one_byte(raw: Raw, path: str, stream: bool) -> None:
    good(raw, path, stream)
    assert raw.reads > 20


def unicode(raw: Raw, path: str, stream: bool) -> None:
    assert text(raw, path, stream) == UNICODE + GOOD
    assert b"\\ud83" in raw.body


KEEPALIVES = {
    CHAT: b": keep-alive\n\n",
    MESSAGES: b"event: ping\n",
    RESPONSES: b": keep-alive\n\n",
    GEMINI: b'"content":{"role":"model"}',
}


def keepalives(raw: Raw, path: str, stream: bool) -> None:
    if path == GEMINI_ARRAY or not stream:
        assert raw.body.startswith(b"\n\n\n")
        raw.body = raw.body.lstrip()
    else:
        assert raw.body.count(KEEPALIVES[path]) == 3
    good(raw, path, stream)


def long(raw: Raw, path: str, stream: bool) -> None:
    assert len(text(raw, path, stream).split()) == 5


def quota(raw: Raw, path: str, stream: bool) -> None:
    fails(402 if path == MESSAGES else 429)(raw, path, stream)
    assert b"PerMinute" not in raw.body
    assert b"RetryInfo" not in raw.body


LOOKS: dict[str, tuple[str, Check]] = {
    "sandbox": ("sandbox", good),
    "sandbox-quota": ("sandbox-quota", quota),
    "sandbox-context": ("sandbox-context", fails(400)),
    "sandbox-html-error": ("sandbox-html-error", html),
    "sandbox-redirect": ("sandbox-redirect", redirect),
    "sandbox-late": ("sandbox-late-10ms", good),
    "sandbox-slow": ("sandbox-slow-1ms", good),
    "sandbox-long": ("sandbox-long-5", long),
    "sandbox-comments": ("sandbox-comments", keepalives),
    "sandbox-hang": ("sandbox-hang", nothing("silence")),
    "sandbox-hang-start": ("sandbox-hang-start", before_content("silence")),
    "sandbox-hang-mid": ("sandbox-hang-mid", half("silence")),
    "sandbox-cut-early": ("sandbox-cut-early", nothing("cut")),
    "sandbox-cut-start": ("sandbox-cut-start", before_content("cut")),
    "sandbox-cut": ("sandbox-cut", half("cut")),
    "sandbox-reset": ("sandbox-reset", nothing("reset")),
    "sandbox-reset-mid": ("sandbox-reset-mid", half("reset")),
    "sandbox-error-event": ("sandbox-error-event", error_inside(content=False)),
    "sandbox-error-mid": ("sandbox-error-mid", error_inside(content=True)),
    "sandbox-bad-json": ("sandbox-bad-json", broken),
    "sandbox-bad-json-mid": ("sandbox-bad-json-mid", broken),
    "sandbox-no-terminator": ("sandbox-no-terminator", unfinished),
    "sandbox-no-done": ("sandbox-no-done", no_done),
    "sandbox-empty": ("sandbox-empty", empty),
    "sandbox-silent": ("sandbox-silent", silent),
    "sandbox-no-usage": ("sandbox-no-usage", no_usage),
    "sandbox-usage-late": ("sandbox-usage-late", usage_late),
    "sandbox-1-byte": ("sandbox-1-byte", one_byte),
    "sandbox-crlf": ("sandbox-crlf", crlf),
    "sandbox-gzip": ("sandbox-gzip", gzip),
    "sandbox-unicode": ("sandbox-unicode", unicode),
    "sandbox-parallel-tools": ("sandbox-parallel-tools", good),
    "sandbox-thinking": ("sandbox-thinking", thinks),
    "sandbox-redacted": ("sandbox-redacted", redacted),
    "sandbox-refusal": ("sandbox-refusal", refuses),
    "sandbox-filtered": ("sandbox-filtered", filtered),
    "sandbox-max-tokens": ("sandbox-max-tokens", cut_short),
    "sandbox-strict": ("sandbox-strict", good),
} | {name: (name, fails(status)) for name, status in STATUSES.items()}
"""Row -> (model to ask, what must come). Names with a small number where the row's own would make the test slow."""


@pytest.mark.parametrize(("path", "stream"), WAYS)
@pytest.mark.parametrize("name", NAMES)
async def test_every_scenario_does_what_the_table_says(sandbox: Sandbox, name: str, path: str, stream: bool) -> None:
    model, check = LOOKS[name]
    check(await say(sandbox, path, model, stream=stream, patience=0.05 if "hang" in name else 5.0), path, stream)


@pytest.mark.parametrize("path", DIALECTS)
@pytest.mark.parametrize("name", ["sandbox-429-once", "sandbox-503-once"])
async def test_once_means_every_second_call(sandbox: Sandbox, name: str, path: str) -> None:
    statuses = [(await say(sandbox, path, name)).status for _ in range(4)]
    assert statuses == [STATUSES[name], 200, STATUSES[name], 200]


@pytest.mark.parametrize("path", DIALECTS)
async def test_rate_limits_tell_when_to_come_back(sandbox: Sandbox, path: str) -> None:
    def told(raw: Raw) -> str | None:
        if path != GEMINI:
            return raw.headers.get("retry-after")
        kinds = {detail["@type"].rpartition(".")[2]: detail for detail in raw.json["error"]["details"]}
        return str(kinds["RetryInfo"]["retryDelay"]).rstrip("s") if "RetryInfo" in kinds else None

    raw = await say(sandbox, path, "sandbox-429")
    assert told(raw) == "1"
    assert "try again in 1s" in raw.json["error"]["message"]
    assert told(await say(sandbox, path, "sandbox-429-30s")) == "30"
    assert told(await say(sandbox, path, "sandbox-quota")) is None


@pytest.mark.parametrize("path", DIALECTS)
async def test_strict_names_the_member_that_the_vendor_does_not_know(sandbox: Sandbox, path: str) -> None:
    assert (await say(sandbox, path, "sandbox", made_up=1)).status == 200
    raw = await say(sandbox, path, "sandbox-strict", made_up=1)
    assert raw.status == 400
    assert ("madeUp" if path == GEMINI else "made_up") in raw.json["error"]["message"]


@pytest.mark.parametrize(
    ("model", "member", "value"),
    [
        ("sandbox-late-300ms", "wait", 0.3),
        ("sandbox-late-2s", "wait", 2.0),
        ("sandbox-slow-20", "pace", 0.02),
        ("sandbox-long-7", "words", 7),
        ("sandbox-comments-1", "keepalives", 1),
    ],
)
def test_a_number_at_the_end_sets_what_the_row_takes(model: str, member: str, value: float) -> None:
    assert getattr(scenario_of(model), member) == pytest.approx(value)


@pytest.mark.parametrize("model", ["gpt-5.2", "sandbox-500-3", "sandbox-long-5ms", "sandbox-nothing", "xsandbox-429", ""])
def test_any_other_name_behaves_well(model: str) -> None:
    assert scenario_of(model).name == "sandbox"


def test_names_are_unique_and_documented() -> None:
    assert len(set(NAMES)) == len(SCENARIOS)
    assert all(row.does.endswith(".") and row.sees.endswith(".") for row in SCENARIOS)


@pytest.mark.golden
def test_the_documents_table_is_the_table(golden: Callable[[str, str], None]) -> None:
    page = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8")
    golden("docs/sandbox.md", replace_between(page, "scenarios", table()))
