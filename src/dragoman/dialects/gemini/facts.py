"""What the dialect is called, its limits and words, and what losing its members means. Dated tables, no code.

Source of all rows: Google's API reference of generateContent and SDK google-genai 3.6.1 (2026-11), answers as recorded (2026-11).
"""

from collections.abc import Iterable, Mapping

from dragoman.core.events import Reason
from dragoman.core.loss import LossKind
from dragoman.dialects.gemini.spelling import snake

ID = "gemini"
NAME_MAX = 128
"""Characters a function's name may have."""
STOP_MAX = 5
TEMPERATURE_MAX = 2.0
NO_PROOF = "skip_thought_signature_validator"
"""What stands for a signature that is not known (Google's guide to thought signatures, 2026-11): the documented last resort."""
DUMMIES = frozenset(
    {NO_PROOF, "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=", "context_engineering_is_the_way_to_go",
     "Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv"}
)  # fmt: skip
"""Signatures that say that there is none, plain or in base64, as clients write them."""
CANDIDATE = "/candidates/0/"
PARTS = "/candidates/0/content/parts/"
"""Where the members of an answer's candidate and its parts stand; extras of the candidate are named by it."""
CONFIG = "generationConfig"
UNREADABLE = "unreadable"
"""`proof_from` of a seal that does not open, or that lost what it signs. It is valid nowhere."""

REASONS: Mapping[str, Reason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",
    "SAFETY": "refusal",
    "RECITATION": "refusal",
    "LANGUAGE": "refusal",
    "BLOCKLIST": "refusal",
    "PROHIBITED_CONTENT": "refusal",
    "SPII": "refusal",
    "MODEL_ARMOR": "refusal",
    "IMAGE_SAFETY": "refusal",
    "IMAGE_PROHIBITED_CONTENT": "refusal",
    "IMAGE_RECITATION": "refusal",
    "IMAGE_OTHER": "refusal",
    "NO_IMAGE": "refusal",
    "PUP_LIMITED_DISABLED": "refusal",
}
FAILURES = frozenset(
    {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE", "MISSING_THOUGHT_SIGNATURE"}
)
"""Finish reasons that tell a failure of the model or of the request: there is no answer."""
UNSAID = "FINISH_REASON_UNSPECIFIED"
NUMBERS = (
    UNSAID, "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
    "MALFORMED_FUNCTION_CALL", "MODEL_ARMOR",
)  # fmt: skip
"""Finish reasons by number, as Vertex's older SDKs write them (google.cloud.aiplatform.v1)."""
WORDS: Mapping[Reason, str] = {
    "stop": "STOP",
    "length": "MAX_TOKENS",
    "context": "MAX_TOKENS",
    "tool": "STOP",
    "refusal": "SAFETY",
    "pause": "STOP",
    "stop_sequence": "STOP",
    "other": "OTHER",
}
"""How the official dialect says why a model stopped."""

IMAGES = frozenset({"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"})
"""Images that are taken; of sound, video and documents everything is."""

TYPES: Mapping[str, str] = {"audio/mpeg": "audio/mp3", "image/jpg": "image/jpeg"}
"""Media types under the names that Google has for them (its guide to audio, 2026-11)."""

_HINT, _NEAR, _DROPPED, _REFUSED = LossKind.HINT, LossKind.APPROXIMATED, LossKind.DROPPED, LossKind.REFUSED


def _spelled(rows: Mapping[str, LossKind | None]) -> Mapping[str, LossKind | None]:
    """The rows under both spellings of their names: clients mix them."""
    return {way: kind for name, kind in rows.items() for way in spellings(name)}


def spellings(name: str) -> Iterable[str]:
    """`/toolConfig/retrievalConfig` -> each step in camelCase and in snake_case."""
    ways = [""]
    for place, step in enumerate(name.split("/")):
        ways = [f"{way}{'/' if place else ''}{each}" for way in ways for each in dict.fromkeys((step, snake(step)))]
    return ways


REQUEST_WEIGHTS: Mapping[str, LossKind | None] = _spelled(
    {
        "*": _DROPPED,
        "cachedContent": _REFUSED,
        # what only helps cost, accounting or logging
        "labels": _HINT,
        "store": _HINT,
        "/toolConfig/includeServerSideToolInvocations": _HINT,
        "/generationConfig/continuationToken": _REFUSED,
        "/generationConfig/automaticContinuation": _HINT,
        "/generationConfig/mediaResolution": _HINT,
        "/generationConfig/routingConfig": _HINT,
        "/generationConfig/modelSelectionConfig": _HINT,
        "/generationConfig/speechConfig": _DROPPED,
        "/systemInstruction/role": None,
        # the client's own forms of what is told in canonical form beside
        "response_format.responseSchema": None,
        "response_format.responseJsonSchema": None,
        "response_format.responseMimeType": None,
        "tools.parameters": None,
        "tools.parametersJsonSchema": None,
        "tools.response": _HINT,
        "tools.responseJsonSchema": _HINT,
        "tools.behavior": _DROPPED,
        "tool_choice.mode": _HINT,
        "tool_choice.streamFunctionCallArguments": _HINT,
        "reasoning.thinkingConfig": None,
        "*.thoughtSignature": None,
        "*./functionResponse/response": None,
        "*./functionResponse/scheduling": _HINT,
        "*./functionResponse/willContinue": _HINT,
        "*.mediaResolution": _HINT,
        "*.partMetadata": _HINT,
    }
)
REQUEST_WHYS: Mapping[str, str] = {
    way: why
    for name, why in {
        "cachedContent": "a cache is kept at Google",
        "safetySettings": "no thresholds for safety",
        "labels": "a call has no labels",
        "store": "what is kept of a call is the provider's to say",
        "/generationConfig/responseModalities": "answers are text",
        "/generationConfig/continuationToken": "an answer goes on only where it began",
        "/generationConfig/speechConfig": "no answers in sound",
        "/generationConfig/imageConfig": "no answers in images",
        "/generationConfig/mediaResolution": "the detail of media cannot be chosen here",
        "/toolConfig/retrievalConfig": "no place or language for searches",
        "/toolConfig/includeServerSideToolInvocations": "tools of the server are shown as the provider does it",
        "tools.response": "a tool tells nothing of its results",
        "tools.responseJsonSchema": "a tool tells nothing of its results",
        "tools.behavior": "every tool is waited for",
        "tool_choice.mode": "arguments are not held to their schemas",
        "content.videoMetadata": "no part of a video can be chosen",
        "content.mediaResolution": "the detail of media cannot be chosen here",
    }.items()
    for way in spellings(name)
}
"""Why a member is lost in another dialect, in a few words."""

ANSWER_WEIGHTS: Mapping[str, LossKind | None] = {
    "*": None,
    "promptFeedback": _NEAR,
    "/candidates/0/groundingMetadata": _NEAR,
    "/candidates/0/citationMetadata": _NEAR,
    "/candidates/0/urlContextMetadata": _DROPPED,
    "/candidates/0/logprobsResult": _DROPPED,
    "/candidates/0/continuationToken": _DROPPED,
    "videoMetadata": _HINT,
}
"""Citations are told in canonical form beside; what else the metadata hold is not."""
