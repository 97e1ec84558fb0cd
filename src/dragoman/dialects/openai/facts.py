"""Limits and words of OpenAI's API reference and SDK 3.51.0 (2026-11). Tables, no code."""

from collections.abc import Mapping

USER_MAX = 64
"""Characters an identifier of a user may have."""

TIERS: Mapping[str, str] = {
    "auto": "auto",
    "standard_only": "default",
    "default": "default",
    "flex": "flex",
    "priority": "priority",
}
"""Another dialect's service tier -> OpenAI's."""
