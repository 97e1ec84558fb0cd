"""Errors of other vendors, in the sentences that Claude Code acts on."""

import json
from typing import Any

import pytest

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.loss import Loss, LossKind
from dragoman.dialects.anthropic import DIALECT

FULL = "This model's maximum context length is %s tokens. However, you requested %s tokens (%s in the messages, %s in the "
FULL += "completion)."
LONG = "prompt is too long: "
NO_ROOM = "input length and `max_tokens` exceed context limit: "

SEEN: list[tuple[str, str]] = [
    (FULL % (8192, 8256, 64, 8192), f"{NO_ROOM}64 + 8192 > 8192"),
    (FULL % (16384, 122946, 112946, 10000), f"{LONG}112946 tokens > 16384 maximum"),
    (
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
        f"{LONG}130000 tokens > 128000 maximum",
    ),
    (
        "This model's maximum context length is 128000 tokens. However, you requested 65535 output tokens and your prompt "
        "contains at least 62466 input tokens, for a total of at least 128001 tokens.",
        f"{NO_ROOM}62466 + 65535 > 128000",
    ),
    (
        "'max_tokens' or 'max_completion_tokens' is too large: 64000. This model's maximum context length is 64001 tokens and "
        "your request has 24235 input tokens (64000 > 64001 - 24235).",
        f"{NO_ROOM}24235 + 64000 > 64001",
    ),
    (
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        f"{LONG}1200000 tokens > 1048576",
    ),
    (
        "request (131168 tokens) exceeds the available context size (131072 tokens), try increasing it",
        f"{LONG}131168 tokens > 131072",
    ),
    (
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
        f"{LONG}40000 tokens",
    ),
    (
        "The input (345516 tokens) is longer than the model's context length (262144 tokens).",
        f"{LONG}345516 tokens > 262144 maximum",
    ),
    ("Prompt too long: 32799 tokens exceeds max context window of 32768 tokens", f"{LONG}32799 tokens > 32768 maximum"),
    ("Your input exceeds the context window of this model.", "prompt is too long (capability_rejected: prompt_too_long)"),
    (
        "max_tokens is too large: 32000. This model supports at most 16384 completion tokens, whereas you provided 32000.",
        "max_tokens: 32000 > 16384, which is the maximum allowed number of output tokens",
    ),
    (
        "The parameter `max_completion_tokens` specified in the request are not valid: integer above maximum value, expected a "
        "value <= 12288, but got 32000 instead.",
        "max_tokens: 32000 > 12288, which is the maximum allowed number of output tokens",
    ),
]


def told(message: str) -> str:
    """What a Messages client reads of a provider's error."""
    error = DIALECT.parse_error(400, (), json.dumps({"error": {"message": message, "type": "invalid_request_error"}}).encode())
    inner: dict[str, Any] = json.loads(DIALECT.build_error(error, "req_1")[1])["error"]
    assert inner["type"] == "invalid_request_error"
    return str(inner["message"])


@pytest.mark.parametrize(("message", "sentence"), SEEN)
def test_the_sentence_comes_first_and_the_providers_words_stay(message: str, sentence: str) -> None:
    assert told(message).startswith(sentence)
    assert told(message).endswith(message)


@pytest.mark.parametrize(
    "message",
    [
        "prompt is too long: 200001 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000",
        "max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for m",
        'role "system" is not supported',
        "anything else",
    ],
)
def test_what_is_understood_stays_as_it_is(message: str) -> None:
    assert told(message) == message


def test_in_a_stream_as_well() -> None:
    error = Error(kind=ErrorKind.CONTEXT_OVERFLOW, message=FULL % (10, 20, 15, 5))
    assert b'"message":"prompt is too long: 15 tokens > 10 maximum. This model' in DIALECT.error_event(error, "req_1")


def test_members_that_nobody_takes_are_refused_as_claude_code_reads_it() -> None:
    """It asks again without them."""
    lost = (
        Loss("/context_management", LossKind.DROPPED, "nothing is cleared from the context"),
        Loss("/messages/0/content/1", LossKind.DROPPED, "x"),
    )
    message = DIALECT.refusal(lost).message
    assert message == (
        "context_management: Extra inputs are not permitted; messages.0.content.1 "
        "(not supported by the model's provider: nothing is cleared from the context)"
    )


def test_an_unknown_role_is_told_as_anthropic_tells_it() -> None:
    body = b'{"model":"m","max_tokens":1,"messages":[{"role":"wizard","content":"x"}]}'
    envelope = DIALECT.peek("POST", "/v1/messages", "", (), body)
    with pytest.raises(Exception, match='Unexpected role "wizard"'):
        DIALECT.parse_request(envelope, lambda _: None)
