"""What a provider's response headers advise about trying again. Rule: seconds, or None; never a guess."""

from email.utils import parsedate_to_datetime

from dragoman.core.request import Headers


def retry_after(headers: Headers) -> float | None:
    """Seconds to wait: `retry-after-ms`, else `retry-after` in seconds or as a date (counted from the answer's own `date`)."""
    found = {name.lower(): value.strip() for name, value in reversed(headers)}
    for name, scale in (("retry-after-ms", 1000), ("retry-after", 1)):
        seconds = _number(found.get(name, ""))
        if seconds is not None:
            return seconds / scale
    if "retry-after" not in found or "date" not in found:
        return None
    try:
        return max(0.0, (parsedate_to_datetime(found["retry-after"]) - parsedate_to_datetime(found["date"])).total_seconds())
    except (TypeError, ValueError):
        return None


def should_retry(headers: Headers) -> bool | None:
    """`x-should-retry` (Anthropic and OpenAI): whether trying again can help."""
    return next(
        (
            {"true": True, "false": False}.get(value.strip().lower())
            for name, value in headers
            if name.lower() == "x-should-retry"
        ),
        None,
    )


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < 1e9 else None
