"""Why an answer ended: Anthropic's stop reasons <-> the canonical ones. Rule: a table, with what is its own spelled as told."""

from typing import Final

from dragoman.core.events import Finished, Reason

# Anthropic's API reference (2026-11). `compaction` (beta): the answer is a summary, complete as asked.
READ: Final[dict[str, Reason]] = {
    "end_turn": "stop",
    "max_tokens": "length",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool",
    "pause_turn": "pause",
    "refusal": "refusal",
    "model_context_window_exceeded": "context",
    "compaction": "stop",
}
WRITE: Final[dict[Reason, str]] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "context": "model_context_window_exceeded",
    "tool": "tool_use",
    "refusal": "refusal",
    "pause": "pause_turn",
    "stop_sequence": "stop_sequence",
    "other": "end_turn",
}
_QUIET = frozenset({"end_turn", "stop_sequence"})
"""Endings that clients take for the end of the work, so they may not stand where a tool is called."""


def read(raw: str | None, *, called: bool) -> Reason:
    """The canonical reason. `called`: the answer calls a tool, which some providers end with `end_turn`."""
    if raw is None:
        return "tool" if called else "stop"
    if called and raw in _QUIET:
        return "tool"
    return READ.get(raw, "other")


def write(event: Finished, *, own: bool, called: bool, refused: bool) -> str:
    """The stop reason an Anthropic client is told. `own`: the provider spoke this dialect, so its word stands."""
    if own and event.raw_reason is not None:
        return event.raw_reason
    if refused:
        return "refusal"
    unshown = (event.reason == "tool" and not called) or (event.reason == "stop_sequence" and event.stop_sequence is None)
    word = "end_turn" if unshown else WRITE[event.reason]
    return "tool_use" if called and word in _QUIET else word
