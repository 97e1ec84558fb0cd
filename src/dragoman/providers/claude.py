"""Claude models on Anthropic Messages: what each takes, and the tier in a name.

Rule: longer names first (`claude-opus-5-5` before `claude-opus-5`); a 1-2 digit minor is a version, 8 digits are a date. A
name that no row knows is taken for the newest generation.
"""

import re
from typing import Literal, TypeAlias

from dragoman.providers.model_row import Members, ModelRow

Tier: TypeAlias = Literal["small", "medium", "big"]

_SOURCE = "Anthropic's model overview and API reference, 2026-11-20"
_OUTPUT = (
    _SOURCE
    + "; most output: inspect_ai pull 2675, 2025-10-23; claude-code issue 24451, 2026-02-09; model cards of Claude 3, 2024-10"
)
_NAME = r"^~?(?:[\w.:-]+/)*(?:[a-z]{2,6}(?:-[a-z]+)?\.)?(?:anthropic\.)?(?:databricks-)?claude-"
"""However it is addressed: `anthropic/claude-...`, `us.anthropic.claude-...`, `vertex_ai/claude-...`."""
_END = r"(?![-.]?\d{1,2}(?!\d))"

_TO_MAX = ("low", "medium", "high", "max")
_ALL = ("low", "medium", "high", "xhigh", "max")

_NEWEST: Members = {
    "sampling": "none",
    "thinking": ("adaptive",),
    "thinking_default": True,
    "efforts": _ALL,
    "prefill": False,
    "mid_system": True,
    "max_output_tokens": 128000,
}
_UNFORCED: Members = {**_NEWEST, "forced_tools": False}
_5: Members = {**_NEWEST, "forced_tools": True}
_47: Members = {**_5, "thinking": ("adaptive", "off"), "thinking_default": False, "mid_system": False}
_46: Members = {
    **_47, "sampling": "one", "thinking": ("on", "adaptive", "off"), "efforts": _TO_MAX
}  # fmt: skip
_45: Members = {**_46, "thinking": ("on", "off"), "efforts": (), "prefill": True, "max_output_tokens": 64000}
_3: Members = {**_45, "sampling": "any", "thinking": ()}


def _row(pattern: str, members: Members) -> ModelRow:
    return ModelRow(_NAME + pattern, "anthropic", members, _OUTPUT if members["max_output_tokens"] != 128000 else _SOURCE)


CLAUDE_ROWS = (
    _row(r"(?:fable|mythos)-5[-.][12]" + _END, _UNFORCED),
    _row(r"(?:fable|mythos)-5" + _END, _5),
    _row(r"opus-5[-.]5" + _END, _UNFORCED),
    _row(r"sonnet-5[-.]5" + _END, {**_UNFORCED, "thinking": ("adaptive", "between_tools")}),
    _row(r"haiku-5[-.]5" + _END, {**_5, "thinking": ("adaptive", "off")}),
    _row(r"opus-5" + _END, {**_5, "thinking": ("adaptive", "off")}),
    _row(r"sonnet-5" + _END, {**_5, "thinking": ("adaptive", "off"), "mid_system": False}),
    _row(r"opus-4[-.]8" + _END, {**_47, "mid_system": True}),
    _row(r"opus-4[-.]7" + _END, _47),
    _row(r"(?:opus|sonnet)-4[-.]6" + _END, _46),
    _row(r"opus-4[-.]5" + _END, {**_45, "efforts": ("low", "medium", "high")}),
    _row(r"(?:sonnet|haiku)-4[-.]5" + _END, _45),
    _row(r"opus-4(?:[-.][01])?" + _END, {**_45, "max_output_tokens": 32000}),
    _row(r"(?:sonnet|haiku)-4(?:[-.][01])?" + _END, _45),
    _row(r"3[-.]7-", {**_3, "thinking": ("on", "off")}),
    _row(r"3[-.]5-", {**_3, "max_output_tokens": 8192}),
    _row(r"(?:3|2|instant|v\d)", {**_3, "max_output_tokens": 4096}),
    _row(r"", _NEWEST),
)

_LINE = re.compile(r"(?<![a-z])(haiku|sonnet|opus|fable|mythos)(?![a-z])")
_ALIASES: dict[str, str | None] = {"opusplan": "opus", "best": None, "default": None}
_SIZES: dict[str, Tier] = {"haiku": "small", "sonnet": "medium", "opus": "big", "fable": "big", "mythos": "big"}


def tier(model: str) -> Tier | None:
    """`haiku` in a Claude name -> small, and so on; None for names that are not Claude's (`magnum-opus-7b`) or say no tier."""
    name = model.lower().strip()
    line = _ALIASES.get(name)
    if name in _ALIASES:
        return None if line is None else _SIZES[line]
    if "claude" not in name and name.partition("[")[0] not in _SIZES:
        return None
    found = _LINE.search(name)
    return None if found is None else _SIZES[found.group(1)]
