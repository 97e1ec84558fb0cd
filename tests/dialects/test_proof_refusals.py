"""Refusals of earlier thinking, in the words they were seen in."""

import json
from typing import Any

import pytest

from dragoman.dialects.faults.proofs import ROWS, refuses_proofs
from dragoman.dialects.faults.read import parse_error

SEEN: list[tuple[int, Any]] = [
    (400, "messages.1.content.0: Invalid `signature` in `thinking` block"),
    (400, "messages.7.content.2: Invalid signature in thinking block"),
    (
        400,
        "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation.",
    ),
    (
        400,
        "messages.5.content.1: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. "
        "These blocks must remain as they were in the original response.",
    ),
    (400, {"message": "The encrypted content gAAA...DQ== could not be verified.", "code": "invalid_encrypted_content"}),
    (400, {"message": "anything else", "code": "invalid_encrypted_content"}),
    (400, "The encrypted content for item rs_0a could not be verified. Reason: it could not be decrypted or parsed."),
    (404, "Item with id 'rs_037d' not found. Items are not persisted when `store` is set to false."),
    (400, "Item 'rs_68' of type 'reasoning' was provided without its required following item."),
    (400, {"message": "Corrupted thought signature.", "status": "INVALID_ARGUMENT"}),
    (400, "Unable to submit request because Thought signature is not valid.. Learn more"),
    (400, "Invalid thought signature."),
    (400, {"message": "Provider returned error", "code": 400, "metadata": {"raw": '{"message":"Corrupted thought signature."}'}}),
]
OTHERS: list[tuple[int, Any]] = [
    (400, "Function call is missing a thought_signature in functionCall parts."),
    (400, "messages.2.content.1.thinking.signature: Field required"),
    (400, "prompt is too long: 200001 tokens > 200000 maximum"),
    (404, {"message": "model: claude-9", "type": "not_found_error"}),
    (500, "Corrupted thought signature."),
    (401, "Invalid signature"),
    (400, "`temperature` is deprecated for this model."),
]


def told(status: int, error: Any) -> bool:
    inner = error if isinstance(error, dict) else {"message": error, "type": "invalid_request_error"}
    return refuses_proofs(parse_error(status, (), json.dumps({"error": inner}).encode()))


@pytest.mark.parametrize(("status", "error"), SEEN)
def test_proofs_are_refused(status: int, error: Any) -> None:
    assert told(status, error)


@pytest.mark.parametrize(("status", "error"), OTHERS)
def test_other_errors_are_not_about_proofs(status: int, error: Any) -> None:
    assert not told(status, error)


def test_every_row_has_a_date_and_is_seen() -> None:
    messages = [json.dumps(error) for _, error in SEEN]
    for row in ROWS:
        assert "202" in row.source
        assert any(row.pattern.search(message) for message in messages), row.pattern.pattern
