"""Quirk rows of the clouds: how a dialect's body travels at their hosts, and what models behind Bedrock's Converse take.

Rule: as in providers/rows; which of a cloud's dialects serves a model is an `avoid` row.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from dragoman.providers.claude import CLAUDE_ROWS
from dragoman.providers.model_row import Members, ModelRow, ProviderRow

CHAT, RESPONSES, ANTHROPIC, GEMINI, CONVERSE = "openai-chat", "openai-responses", "anthropic", "gemini", "bedrock"
_BEDROCK, _VERTEX, _MANTLE = ("bedrock",), ("vertex",), ("bedrock-mantle",)
_AWS = "Amazon's guide and API reference of Bedrock, 2026-11-20"
_GOOGLE = "Google's guide to Claude on Vertex AI, 2026-11-20; Bifrost 2's table of betas, 2026-11"
_NEWER = "2026-10-21"
_BETAS = r"computer-use|compact|context-management|interleaved-thinking|context-1m"
_BETAS_AWS = _BETAS + r"|token-efficient-tools|output-128k|dev-full-thinking|effort|tool-search-tool|tool-examples"
_AZURE = "Azure OpenAI API reference, 2026-11-20: no files on Chat; cache breakpoints for 30 minutes only"

CLOUD_ROWS: Mapping[tuple[str, str], ProviderRow] = {
    ("azure", CHAT): ProviderRow({"files": False, "cache_long": False}, _AZURE),
    ("azure", RESPONSES): ProviderRow({"cache_long": False}, _AZURE),
    ("vertex", ANTHROPIC): ProviderRow(
        {
            "host": {"omit": ("model",), "version": {"": "vertex-2023-10-16", _NEWER: _NEWER}},
            "betas": rf"(?:{_BETAS})-.+",
        },
        _GOOGLE,
    ),
    ("bedrock", ANTHROPIC): ProviderRow(
        {
            "host": {
                "omit": ("model", "stream"),
                "version": {"": "bedrock-2023-05-31", _NEWER: _NEWER},
                "betas_in": "anthropic_beta",
                "count": "invoke-model",
                "frames": "aws",
            },
            "betas": rf"(?i:{_BETAS_AWS})-.+",
        },
        _AWS,
    ),
    ("bedrock-mantle", CHAT): ProviderRow({"repeats_ids": True}, _AWS + "; ids `call_N` repeat from answer to answer"),
    ("bedrock-mantle", RESPONSES): ProviderRow({"repeats_ids": True}, _AWS + "; ids `call_N` repeat from answer to answer"),
}

_CLAUDE: Members = {"effort_form": "thinking", "cache_marks": "cache_point", "reasoning_signed": True, "top_k": True}
_NOVA: Members = {"cache_marks": "cache_point", "tool_strict": False, "json_schema": False, "stop_max": 4}
_NOVA_2: Members = {**_NOVA, "effort_form": "reasoning_config", "efforts": ("low", "medium", "high")}
_OPEN: Members = {"effort_form": "reasoning_effort", "efforts": ("low", "medium", "high"), "stop_max": 4}
_NOT_CLAUDE = r"^(?!.*claude)"

CLOUD_MODELS = (
    *(replace(row, dialect=CONVERSE, members={**row.members, **_CLAUDE}, source=f"{row.source}; {_AWS}") for row in CLAUDE_ROWS),
    ModelRow(r"amazon\.nova-2", CONVERSE, _NOVA_2, _AWS),
    ModelRow(r"amazon\.nova", CONVERSE, _NOVA, _AWS),
    ModelRow(r"openai\.gpt-oss", CONVERSE, _OPEN, _AWS),
    ModelRow(
        r"(?:amazon\.titan|meta\.llama|mistral\.|cohere\.|ai21\.)", CONVERSE, {"tool_strict": False, "json_schema": False}, _AWS
    ),
    # which dialect serves a model
    ModelRow(_NOT_CLAUDE, ANTHROPIC, {}, _AWS, _BEDROCK, avoid=True),
    ModelRow(r"^(?!.*openai\.)", CHAT, {}, _AWS, _BEDROCK, avoid=True),
    ModelRow(_NOT_CLAUDE, ANTHROPIC, {}, _GOOGLE, _VERTEX, avoid=True),
    ModelRow(r"claude", CHAT, {}, _GOOGLE, _VERTEX, avoid=True),
    ModelRow(r"claude|^(?!google/)[^/]+/", GEMINI, {}, _GOOGLE, _VERTEX, avoid=True),
    ModelRow(_NOT_CLAUDE, ANTHROPIC, {}, _AWS, _MANTLE, avoid=True),
    ModelRow(r"claude|gpt-[5-9]", CHAT, {}, _AWS, _MANTLE, avoid=True),
    ModelRow(r"claude|gpt-oss", RESPONSES, {}, _AWS, _MANTLE, avoid=True),
)
