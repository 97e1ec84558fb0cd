"""What OpenAI's API has beside answers (API reference and SDK 3.52.0, 2026-11), as doors. Compatible servers have parts of it.

Left out: what administers an account (`/organization`, `/projects`, `/webhook_endpoints`, `/vaults`, `/safety`): no client of a
gateway may do that.
"""

from typing import Final

from dragoman.core.errors import Error, ErrorKind
from dragoman.dialects.base import Fixed, Path
from dragoman.dialects.openai.errors import build_error
from dragoman.dialects.passing import asking, kept, making, one_kept

ROOT = "/v1"

_ASKING = (
    "/completions", "/moderations", "/decisions", "/content_provenance_checks",
    "/images/generations", "/images/edits", "/images/variations",
    "/audio/speech", "/audio/transcriptions", "/audio/translations",
)  # fmt: skip
"""A model is asked, and nothing is kept."""
RERANK: Final = (asking("/v1", "/rerank"), asking("/v2", "/rerank"))
"""No call of OpenAI's own: vLLM, Together, Jina and others have it at the first path, Cohere at both."""
_KEPT = (
    "files", "uploads", "batches", "vector_stores", "containers", "conversations", "skills", "videos", "evals",
    "assistants", "threads", "agents", "chatkit", "audio/voices", "audio/voice_consents",
)  # fmt: skip
_OF_TUNING = ("jobs", "checkpoints", "alpha")
_MAKING = ("/threads/runs", "/videos/edits", "/videos/extensions", "/videos/characters")
"""Where the segment behind a list is no id."""
_STORED = (
    Path("GET", "/v1/chat/completions", "pass", root=ROOT, pinned=True),
    *one_kept(ROOT, "chat/completions"),
)
"""Chat answers that were asked for with `store`."""
_REALTIME = ("realtime", "live")
_NOT_YET = Error(
    kind=ErrorKind.UNSUPPORTED,
    status=501,
    message="realtime calls are not served: no WebSocket, WebRTC or SIP session can be had here",
    code="realtime_not_supported",
    should_retry=False,
    ours=True,
)


def _refused(method: str, pattern: str) -> Path:
    status, body = build_error(_NOT_YET)
    return Path(method, pattern, "fixed", Fixed(status=status, headers=(("content-type", "application/json"),), body=body))


DOORS: tuple[Path, ...] = (
    Path("POST", "/v1/embeddings", "embed", root=ROOT),
    *(asking(ROOT, below) for below in _ASKING),
    *RERANK,
    *(door for name in _KEPT for door in kept(ROOT, name)),
    *(door for name in _OF_TUNING for door in kept(ROOT, f"fine_tuning/{name}")),
    *(making(ROOT, below) for below in _MAKING),
    Path("DELETE", "/v1/models/{model}", "pass", root=ROOT, pinned=True),
    *_STORED,
    *(_refused(method, f"{ROOT}/{name}{below}") for name in _REALTIME for below in ("", "/{rest}") for method in ("GET", "POST")),
)
"""Of this whole API, but for chat and responses themselves."""
