"""What Google's Gemini API has beside answers (API reference and google-genai 3.3.0, 2026-11), as doors.

Left out: what administers an account (`credentials`, `webhooks`, `auth_tokens`): no client of a gateway may do that.
"""

from typing import Final

from dragoman.core.errors import Error, ErrorKind
from dragoman.dialects.base import Fixed, Path
from dragoman.dialects.gemini.errors import build_error
from dragoman.dialects.passing import asking, kept, making, verbs

ROOTS: Final = ("/v1beta", "/v1")
_NEEDS: Final = ("", "x-goog-api-key")
"""Under the second root ids with a colon in them are of other vendors, too: the header tells whose client asks."""
UPLOAD: Final = "/upload"
"""Files are uploaded beside the API, not in it: `/upload/v1beta/files`."""
_MODEL: Final = "/models/{model}"
_EMBEDDING: Final = ("embedContent", "batchEmbedContents")
_MAKING: Final = ("predictLongRunning", "batchGenerateContent", "asyncBatchEmbedContent")
_KEPT: Final = (
    "files", "cachedContents", "batches", "fileSearchStores", "corpora", "operations", "interactions", "agents", "environments",
    "triggers", "voices",
)  # fmt: skip
_TUNED: Final = (("GET", ""), ("POST", ""), ("GET", "/{id}"), ("PATCH", "/{id}"), ("DELETE", "/{id}"))
"""A tuned model itself is asked as any other."""
_UPLOADED: Final = ("/files", "/fileSearchStores/{id}:uploadToFileSearchStore")
_SESSION: Final = (("x-goog-upload-url", f"{UPLOAD}/"),)
"""Where the bytes of a resumable upload go; official SDKs follow it."""
_NOT_YET = Error(
    kind=ErrorKind.UNSUPPORTED,
    status=501,
    message="realtime calls are not served: no WebSocket session can be had here",
    code="realtime_not_supported",
    should_retry=False,
    ours=True,
)
_NO_METHOD = Error(
    kind=ErrorKind.NOT_FOUND,
    status=404,
    message="a model has no such method here: it is asked by generateContent, streamGenerateContent, countTokens, embedContent, "
    "batchEmbedContents and the like",
    code="unknown_url",
    ours=True,
)


def _of(root: str) -> tuple[Path, ...]:
    return (
        *(Path("POST", f"{root}{_MODEL}:{method}", "embed", root=root) for method in _EMBEDDING),
        asking(root, f"{_MODEL}:predict"),
        asking(root, "/decisions"),
        *(making(root, f"{_MODEL}:{method}") for method in _MAKING),
        Path("GET", f"{root}/models/{{owner}}/operations/{{id}}", "pass", root=root, pinned=True),
        making(root, "/files:register"),
        *(door for name in _KEPT for door in kept(root, name, more=("PATCH",))),
        *(Path(method, f"{root}/tunedModels{below}", "pass", root=root, pinned=True) for method, below in _TUNED),
        *(
            Path("POST", f"{UPLOAD}{root}{below}", "pass", root=UPLOAD + root, above=UPLOAD, pinned=True, links=_SESSION)
            for below in _UPLOADED
        ),
    )


def _refused(method: str, pattern: str, error: Error, needs: str = "") -> Path:
    status, body = build_error(error)
    answer = Fixed(status=status, headers=(("content-type", "application/json"),), body=body)
    return Path(method, pattern, "fixed", answer, needs=needs)


DOORS: tuple[Path, ...] = (
    *(door for root in ROOTS for door in _of(root)),
    *(door for root, needs in zip(ROOTS, _NEEDS, strict=True) for name in _KEPT for door in verbs(root, name, needs)),
    *(
        _refused("POST", f"{root}{model}:{{verb}}", _NO_METHOD, needs)
        for root, needs in zip(ROOTS, _NEEDS, strict=True)
        for model in (_MODEL, "/tunedModels/{model}")
    ),
    _refused("GET", "/ws/{rest}", _NOT_YET),
)
