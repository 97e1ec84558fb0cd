"""The details of Google's errors (google.rpc, AIP-193; Gemini API, 2026-11): a list of objects, each with its `@type`."""

import re
from collections.abc import Iterator
from typing import Any

DAILY = "quota-per-day"
"""Our word for a quota that waiting for a minute does not bring back."""
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")


def reasons(details: Any) -> Iterator[str]:
    """ErrorInfo's reasons, and DAILY where a QuotaFailure names a quota of a day."""
    for info in _of(details, "ErrorInfo"):
        if isinstance(info.get("reason"), str):
            yield info["reason"]
    for failure in _of(details, "QuotaFailure"):
        violations = failure.get("violations")
        for violation in violations if isinstance(violations, list) else ():
            if isinstance(violation, dict) and "PerDay" in str(violation.get("quotaId", "")):
                yield DAILY


def retry_delay(details: Any) -> float | None:
    """RetryInfo's delay in seconds; Google sends no `retry-after`."""
    for info in _of(details, "RetryInfo"):
        found = _SECONDS.fullmatch(str(info.get("retryDelay", "")))
        if found is not None:
            return float(found.group(1))
    return None


def _of(details: Any, kind: str) -> Iterator[dict[str, Any]]:
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and str(detail.get("@type", "")).endswith(f"google.rpc.{kind}"):
            yield detail
