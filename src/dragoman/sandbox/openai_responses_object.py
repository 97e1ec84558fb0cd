"""The response object of OpenAI Responses: what came of a call and what was asked (reference, 2026-11). Rule: always complete."""

from typing import Any

from dragoman.sandbox.mind import Answer
from dragoman.sandbox.openai import KINDS
from dragoman.sandbox.reply import Fault, Heard, Incoming, optional
from dragoman.wire import json

DEFAULTS: dict[str, Any] = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "store": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
    "metadata": {},
}
"""Members that repeat the request, and what they are where it does not say."""


def response_object(call: Incoming, heard: Heard, told: bytes, output: bytes = b"", answer: Answer | None = None) -> bytes:
    """`told`: the members that say how it ended (status, error, incomplete_details). `answer`: whose usage is told."""
    completed = b"%d" % call.now if told.startswith(b'"status":"completed"') else b"null"
    asked = b",".join(b'"%b":%b' % (name.encode(), json.encode(heard.body.get(name, d))) for name, d in DEFAULTS.items())
    return (
        b'{"id":"resp_%b","object":"response","created_at":%d,%b,"completed_at":%b,"model":%b,"output":[%b],"reasoning":%b,'
        b'"text":%b,"tools":%b,"service_tier":"%b",%b,"usage":%b}'
    ) % (
        call.nonce.encode(),
        call.now,
        told if b'"error"' in told else told + b',"error":null,"incomplete_details":null',
        completed,
        json.encode(heard.model),
        output,
        json.encode({"effort": None, "summary": None, **heard.body.get("reasoning", {})}),
        json.encode({"format": {"type": "text"}, "verbosity": "medium", **heard.body.get("text", {})}),
        json.encode([_echoed(tool) for tool in heard.body.get("tools", ())]),
        b"auto" if answer is None else b"default",
        asked,
        b"null" if answer is None or heard.usage == "none" else _usage(answer),
    )


def ended(answer: Answer) -> bytes:
    """How it ended, for `response_object`."""
    match answer.finish:
        case "length" | "filtered":
            reason = b"max_output_tokens" if answer.finish == "length" else b"content_filter"
            return b'"status":"incomplete","error":null,"incomplete_details":{"reason":"%b"}' % reason
        case "none":
            return b'"status":null'
        case _:
            return b'"status":"completed"'


def failed_object(call: Incoming, heard: Heard, fault: Fault) -> bytes:
    """The response that failed of `fault`."""
    code = KINDS.get(fault.kind, (500, "", None))[2] if fault.code is None else fault.code
    error = b'{"code":%b,"message":%b}' % (optional(code or "server_error"), json.encode(fault.message))
    return response_object(call, heard, b'"status":"failed","error":%b,"incomplete_details":null' % error)


def _echoed(tool: dict[str, Any]) -> dict[str, Any]:
    """A function's `strict` is true where nothing was said."""
    return {"strict": True, **tool} if tool.get("type") == "function" else tool


def _usage(answer: Answer) -> bytes:
    return (
        b'{"input_tokens":%d,"input_tokens_details":{"cached_tokens":%d,"cache_write_tokens":%d},'
        b'"output_tokens":%d,"output_tokens_details":{"reasoning_tokens":%d},"total_tokens":%d}'
    ) % (
        answer.input_tokens,
        answer.cached,
        answer.written,
        answer.output_tokens,
        answer.thinking_tokens,
        answer.input_tokens + answer.output_tokens,
    )
