"""Whether a provider refuses the proofs of earlier thinking: dated rows, and one reader.

Rule: what it refuses must be a signature, a ciphertext or a thought that is there; that one is missing cannot be mended by
leaving out more.
"""

import re
from typing import Final

from msgspec import Struct

from dragoman.core.errors import Error, ErrorKind

STATUSES: Final = frozenset({400, 404, 422, None})
"""404: OpenAI's, for a thought that it keeps no more. None: told inside an answer."""
CODES: Final = frozenset({"invalid_encrypted_content"})
"""OpenAI's and Azure's code (codex issue 8145, 2025-12-16)."""
_READ: Final = 20_000


class Row(Struct, frozen=True):
    pattern: re.Pattern[str]
    source: str


def _row(pattern: str, source: str) -> Row:
    return Row(re.compile(pattern), source)


ROWS: Final = (
    _row(
        r"(?i)invalid `?signature`? in `?thinking`? block",
        "Anthropic: better-ccflare issue 52, 2026-01-18; anthropic-sdk-python issue 1598, 2026-08-05",
    ),
    _row(r"bound to a different conversation", "Anthropic: opencode issue 48637, 2026-09-12"),
    _row(
        r"`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified",
        "Anthropic: claude-code issue 19539, 2026-01-20",
    ),
    _row(r"[Ee]ncrypted content .{0,200}could not be (?:verified|decrypted)", "OpenAI: codex issue 8145, 2025-12-16"),
    _row(r"Item with id 'rs_[^']{1,200}' not found", "OpenAI: CLIProxyAPI issue 2381, 2026-03-28"),
    _row(r"without its required following item", "OpenAI: vercel/ai issue 7099, read 2026-11-20"),
    _row(
        r"(?i)(?:corrupted|invalid) thought[_ ]?signature|thought[_ ]?signature is not valid",
        "Google: gemini-cli issue 13467, 2025-11-20; 9router issue 301, 2026-03-13; Antigravity-Manager pull 3342, 2026-08-29",
    ),
)


def refuses_proofs(error: Error) -> bool:
    """The provider would have taken the request without the thinking in its history."""
    if error.ours or error.kind not in (ErrorKind.BAD_REQUEST, ErrorKind.NOT_FOUND) or error.status not in STATUSES:
        return False
    return error.code in CODES or any(row.pattern.search(error.message[:_READ]) for row in ROWS)
