"""What must come of each row of the sandbox's table, in every dialect."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from dragoman.sandbox.mind import REFUSAL, UNICODE
from dragoman.sandbox.scenarios import SCENARIOS
from dragoman.wire import json
from support.sandbox import (
    CHAT,
    COHERE,
    GEMINI,
    GEMINI_ARRAY,
    MESSAGES,
    OLLAMA,
    RESPONSES,
    Raw,
    reason_of,
    reason_of_stream,
    text_of,
    text_of_stream,
)

GOOD = "You said: Hello there, dear sandbox"
STATUSES = {row.name: row.fault.status for row in SCENARIOS if row.fault is not None and row.fault.status is not None}
REASONS: dict[str, tuple[str, str, str, str]] = {
    CHAT: ("stop", "length", "content_filter", "stop"),
    MESSAGES: ("end_turn", "max_tokens", "refusal", "refusal"),
    RESPONSES: ("completed", "max_output_tokens", "content_filter", "completed"),
    GEMINI: ("STOP", "MAX_TOKENS", "SAFETY", "PROHIBITED_CONTENT"),
    OLLAMA: ("stop", "length", "stop", "stop"),
    COHERE: ("COMPLETE", "MAX_TOKENS", "COMPLETE", "COMPLETE"),
}
REASONS[GEMINI_ARRAY] = REASONS[GEMINI]
"""Why an answer ended: by itself, too long, filtered, refused."""
OPENING = {CHAT: 1, MESSAGES: 2, RESPONSES: 4, GEMINI: 0, GEMINI_ARRAY: 0, OLLAMA: 0, COHERE: 2}
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


def message_of(body: Any) -> str:
    """What an error says, wherever the vendor says it."""
    error = body.get("error", body.get("delta", body).get("error"))
    return str(body.get("message") if error is None else error["message"] if isinstance(error, dict) else error)


def fails(status: int) -> Check:
    def check(raw: Raw, path: str, stream: bool) -> None:
        assert (raw.status, raw.ending) == (status, "complete")
        body = raw.json[0] if path == GEMINI_ARRAY else raw.json
        assert message_of(body)
        assert ("type" in body) == (path == MESSAGES)
        assert isinstance(body.get("error"), str) == (path == OLLAMA)
        assert ("status" in body.get("error", ())) == (path in (GEMINI, GEMINI_ARRAY))

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
        assert message_of(last.get("response", last)) == "Overloaded"
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
        ends = (b"[DONE]", b"message_stop", b"message_delta", b"response.completed", b"message-end")
        assert not any(mark in raw.body for mark in ends)


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
    elif path in (OLLAMA, COHERE):
        assert text(raw, path, stream) == REFUSAL
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
    RESPONSES: (b'"type":"summary_text"', b"reasoning_tokens"),
    GEMINI: (b'"thought":true', b'"thoughtSignature":"', b"thoughtsTokenCount"),
    GEMINI_ARRAY: (b'"thought":true', b'"thoughtSignature":"', b"thoughtsTokenCount"),
    OLLAMA: (b'"thinking":"',),
    COHERE: (b'"thinking":"',),
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
    assert not any(mark in raw.body for mark in (b'"usage":{', b"usageMetadata", b"eval_count"))


def usage_late(raw: Raw, path: str, stream: bool) -> None:
    good(raw, path, stream)
    if not stream or path in (OLLAMA, COHERE):
        return
    if path == CHAT:
        assert raw.data[-2]["choices"] == []
        assert raw.data[-2]["usage"]["total_tokens"] > 0
        return
    told = b'"usageMetadata":' if path in (GEMINI, GEMINI_ARRAY) else b'"usage":'
    counts = [
        int(count) for count in re.findall(told + rb'{[^}]*?"(?:totalTokenCount|total_tokens|input_tokens)":(\d+)', raw.body)
    ]
    assert counts[0] == 0 < counts[-1]


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
    OLLAMA: b'"content":""},"done":false}\n',
    COHERE: b": keep-alive\n\n",
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
    fails(402 if path in (MESSAGES, OLLAMA, COHERE) else 429)(raw, path, stream)
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
