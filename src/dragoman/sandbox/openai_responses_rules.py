"""What the OpenAI vendor checks on Responses, as tables (its API reference and its 400s, 2026-11)."""

from typing import Any, NoReturn

from msgspec import Struct

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.openai_rules import (
    BOOLEAN,
    INTEGER,
    LIST,
    NUMBER,
    OBJECT,
    TEXT,
    Ranges,
    Types,
    bad,
    check_ranges,
    check_types,
    missing,
    wrong_type,
    wrong_value,
)
from dragoman.sandbox.reply import Fault, RefusedError

TYPES: Types = {
    "model": (TEXT, "a string"),
    "input": ((str, list), "one of an array of objects or string"),
    "instructions": (TEXT, "a string"),
    "previous_response_id": (TEXT, "a string"),
    "conversation": ((str, dict), "one of a string or object"),
    "prompt": (OBJECT, "an object"),
    "tools": (LIST, "an array of objects"),
    "tool_choice": ((str, dict), "one of a string or object"),
    "text": (OBJECT, "an object"),
    "reasoning": (OBJECT, "an object"),
    "include": (LIST, "an array of strings"),
    "metadata": (OBJECT, "an object"),
    "stream_options": (OBJECT, "an object"),
    "stream": (BOOLEAN, "a boolean"),
    "store": (BOOLEAN, "a boolean"),
    "background": (BOOLEAN, "a boolean"),
    "parallel_tool_calls": (BOOLEAN, "a boolean"),
    "temperature": (NUMBER, "a decimal"),
    "top_p": (NUMBER, "a decimal"),
    "top_logprobs": (INTEGER, "an integer"),
    "max_output_tokens": (INTEGER, "an integer"),
    "max_tool_calls": (INTEGER, "an integer"),
    "truncation": (TEXT, "a string"),
    "user": (TEXT, "a string"),
    "service_tier": (TEXT, "a string"),
    "safety_identifier": (TEXT, "a string"),
    "prompt_cache_key": (TEXT, "a string"),
}
RANGES: Ranges = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "top_logprobs": (0, 20),
    "max_output_tokens": (16, None),
    "max_tool_calls": (1, None),
}
KNOWN = frozenset(TYPES) | {
    *("access_programs", "client_metadata", "context_management", "image", "moderation"),
    *("prompt_cache_options", "prompt_cache_retention"),
}
INCLUDES = (
    *("file_search_call.results", "web_search_call.results", "web_search_call.action.sources"),
    *("message.input_image.image_url", "computer_call_output.output.image_url", "code_interpreter_call.outputs"),
    *("reasoning.encrypted_content", "message.output_text.logprobs"),
)
CHOICES: dict[str, dict[str, tuple[str, ...]]] = {
    "reasoning": {
        "effort": ("none", "minimal", "low", "medium", "high", "xhigh", "max"),
        "summary": ("auto", "concise", "detailed"),
    },
    "text": {"verbosity": ("low", "medium", "high")},
}
"""Object -> member -> what it may be."""
MAX_METADATA = 16


class Item(Struct, frozen=True):
    """One kind of input item. `members`: those it must have. `id`: how its ids begin ("": anyhow). `said`: by the model."""

    members: tuple[tuple[str, tuple[type, ...], str], ...] = ()
    id: str = ""
    said: bool = False


_ID, _NAME, _OUTPUT = ("call_id", TEXT, "a string"), ("name", TEXT, "a string"), ("output", (str, list), "an array or string")
_ENCRYPTED, _TOOLS = ("encrypted_content", TEXT, "a string"), ("tools", LIST, "an array of objects")
ITEMS: dict[str, Item] = {
    "message": Item(id="msg"),
    "reasoning": Item((("summary", LIST, "an array of objects"),), "rs", said=True),
    "function_call": Item((_ID, _NAME, ("arguments", TEXT, "a string")), "fc", said=True),
    "function_call_output": Item((_ID, _OUTPUT), "fc"),
    "custom_tool_call": Item((_ID, _NAME, ("input", TEXT, "a string")), "ctc", said=True),
    "custom_tool_call_output": Item((_ID, _OUTPUT), "ctc"),
    "tool_search_call": Item(said=True),
    "tool_search_output": Item((_TOOLS,)),
    "additional_tools": Item((_TOOLS,)),
    "compaction": Item((_ENCRYPTED,)),
    "compaction_trigger": Item(),
    "item_reference": Item((("id", TEXT, "a string"),)),
    "configuration_update": Item(),
    "shell_call": Item((_ID, ("action", OBJECT, "an object")), said=True),
    "shell_call_output": Item((_ID, ("output", LIST, "an array of objects"))),
    "local_shell_call": Item((_ID, ("action", OBJECT, "an object")), said=True),
    "local_shell_call_output": Item((("output", TEXT, "a string"),)),
    "apply_patch_call": Item((_ID, ("operation", OBJECT, "an object")), said=True),
    "apply_patch_call_output": Item((_ID, ("status", TEXT, "a string"))),
    "computer_call": Item((_ID,), said=True),
    "computer_call_output": Item((_ID, ("output", OBJECT, "an object"))),
    "mcp_approval_response": Item((("approval_request_id", TEXT, "a string"),)),
    "program_output": Item((_ID,)),
} | {
    name: Item(said=True)
    for name in (
        *("web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call"),
        *("mcp_list_tools", "mcp_call", "mcp_approval_request", "program"),
    )
}
ANSWERED: dict[str, str] = {
    "function_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
    "tool_search_call": "tool_search_output",
    "shell_call": "shell_call_output",
    "apply_patch_call": "apply_patch_call_output",
    "computer_call": "computer_call_output",
}
"""Calls that the client answers -> with what, by `call_id`."""
RESULTS = frozenset(ANSWERED.values()) | {"local_shell_call_output"}
PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "input_text": (("user", "system", "developer"), ("text",)),
    "input_image": (("user", "system", "developer"), ("image_url", "file_id")),
    "input_file": (("user", "system", "developer"), ("file_data", "file_id", "file_url")),
    "output_text": (("assistant",), ("text",)),
    "refusal": (("assistant",), ("refusal",)),
}
"""Kind of part -> (roles that may send it, members of which it must have one)."""
ROLES = ("assistant", "system", "developer", "user")


def check_members(body: dict[str, Any], *, strict: bool) -> None:
    """Types, ranges and combinations of the top-level members; nulls are left out already."""
    check_types(body, TYPES)
    if not body.get("model"):
        missing("model")
    if not any(name in body for name in ("input", "previous_response_id", "prompt", "conversation")):
        bad(
            "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be provided.",
            "input",
            "missing_required_parameter",
        )
    check_ranges(body, RANGES, TYPES)
    if "previous_response_id" in body and "conversation" in body:
        bad(
            "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one of: "
            "'previous_response_id' or 'conversation'.",
            None,
            "mutually_exclusive_parameters",
        )
    if "stream_options" in body and body.get("stream") is not True:
        bad("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")
    if body.get("background") is True and body.get("store") is False:
        bad("Background mode requires 'store' to be true.", "background")
    for at, name in enumerate(body.get("include", ())):
        if name not in INCLUDES:
            wrong_value(f"include[{at}]", name, INCLUDES)
    if body.get("truncation", "disabled") not in ("auto", "disabled"):
        wrong_value("truncation", body["truncation"], ("auto", "disabled"))
    for outer, members in CHOICES.items():
        for name, allowed in members.items():
            value = body.get(outer, {}).get(name)
            if value is not None and value not in allowed:
                wrong_value(f"{outer}.{name}", value, allowed)
    _check_metadata(body.get("metadata", {}))
    _check_elsewhere(body)
    if strict:
        for name in body:
            if name not in KNOWN:
                bad(f"Unknown parameter: '{name}'.", name, "unknown_parameter")


def _check_metadata(metadata: dict[str, Any]) -> None:
    if len(metadata) > MAX_METADATA:
        bad(
            f"Invalid 'metadata': too many properties. Expected an object with at most {MAX_METADATA} properties, but got an "
            f"object with {len(metadata)} properties instead.",
            "metadata",
            "object_above_max_properties",
        )
    for key, value in metadata.items():
        if not isinstance(value, str):
            wrong_type(f"metadata.{key}", "a string", value)


def _check_elsewhere(body: dict[str, Any]) -> None:
    """Conversations and prompts are made with other calls, which this sandbox does not have: there are none."""
    conversation = body.get("conversation")
    if conversation is not None:
        id_ = conversation.get("id") if isinstance(conversation, dict) else conversation
        not_found(f"Conversation with id '{id_}' not found.", "conversation")
    if "prompt" in body:
        not_found(f"Prompt with id '{body['prompt'].get('id')}' not found.", "prompt")


def not_found(message: str, param: str | None = None, status: int = 404, code: str = "") -> NoReturn:
    """There is no such thing."""
    raise RefusedError(Fault(kind=ErrorKind.NOT_FOUND, message=message, status=status, param=param, code=code))
