"""Words of providers' errors -> what went wrong. Dated tables, no code."""

import re
from collections.abc import Mapping

from dragoman.core.errors import ErrorKind
from dragoman.dialects.faults.google import DAILY

K = ErrorKind

CODES: Mapping[str, ErrorKind] = {
    # OpenAI and Azure, 2026-11
    "context_length_exceeded": K.CONTEXT_OVERFLOW,
    "string_above_max_length": K.CONTEXT_OVERFLOW,
    "invalid_api_key": K.AUTH,
    "model_not_found": K.NOT_FOUND,
    "DeploymentNotFound": K.NOT_FOUND,
    "model_not_supported": K.NOT_FOUND,
    "rate_limit_exceeded": K.RATE_LIMIT,
    "slow_down": K.RATE_LIMIT,
    "insufficient_quota": K.BILLING,
    "credit_balance_exhausted": K.BILLING,
    "billing_hard_limit_reached": K.BILLING,
    "organization_spend_limit_exceeded": K.BILLING,
    "project_spend_limit_exceeded": K.BILLING,
    "organization_usage_limit_exceeded": K.BILLING,
    "billing_not_active": K.BILLING,
    "account_deactivated": K.PERMISSION,
    "timeout": K.TIMEOUT,
    "server_is_overloaded": K.OVERLOADED,
    "content_filter": K.CONTENT_POLICY,
    "content_policy_violation": K.CONTENT_POLICY,
    "ResponsibleAIPolicyViolation": K.CONTENT_POLICY,
    # OpenAI Responses: codes of a failed response (SDK 3.51.0 and Codex 0.169.0, 2026-11)
    "invalid_prompt": K.BAD_REQUEST,
    "data_residency_mismatch": K.BAD_REQUEST,
    "bio_policy": K.CONTENT_POLICY,
    "cyber_policy": K.CONTENT_POLICY,
    "misalignment_policy_violation": K.CONTENT_POLICY,
    "image_content_policy_violation": K.CONTENT_POLICY,
    "usage_not_included": K.BILLING,
    "vector_store_timeout": K.TIMEOUT,
    **dict.fromkeys(
        (
            "invalid_image",
            "invalid_image_format",
            "invalid_base64_image",
            "invalid_image_url",
            "image_too_large",
            "image_too_small",
            "image_parse_error",
            "invalid_image_mode",
            "image_file_too_large",
            "unsupported_image_media_type",
            "empty_image_file",
            "failed_to_download_image",
            "image_file_not_found",
        ),
        K.BAD_REQUEST,
    ),
    # Mistral (2026-11): flat bodies, numbers as strings
    "1300": K.RATE_LIMIT,
    "3505": K.OVERLOADED,
    # Z.ai, 2026-11
    "1113": K.BILLING,
    "1301": K.CONTENT_POLICY,
    "1302": K.RATE_LIMIT,
    "1303": K.RATE_LIMIT,
    "1305": K.OVERLOADED,
    "1308": K.BILLING,
    "1309": K.BILLING,
    "1310": K.BILLING,
    "1311": K.BILLING,
    "1312": K.OVERLOADED,
    "1313": K.BILLING,
    "1000": K.AUTH,
    "1001": K.AUTH,
    "1002": K.AUTH,
    "1003": K.AUTH,
    "1211": K.NOT_FOUND,
    "1261": K.CONTEXT_OVERFLOW,
    # Anthropic, 2026-11: spend caps come as 429 without retry-after
    "enforced_spend_limit_reached": K.BILLING,
    "workspace_spend_limit_reached": K.BILLING,
    "organization_spend_limit_reached": K.BILLING,
    # Google: reasons of ErrorInfo, and a quota of a day (2026-11)
    "API_KEY_INVALID": K.AUTH,
    "API_KEY_EXPIRED": K.AUTH,
    "API_KEY_SERVICE_BLOCKED": K.PERMISSION,
    "BILLING_DISABLED": K.BILLING,
    DAILY: K.BILLING,
    # reasons that Dragoman itself tells in Google's form
    "CONTEXT_OVERFLOW": K.CONTEXT_OVERFLOW,
    "CONTENT_POLICY": K.CONTENT_POLICY,
    "UNSUPPORTED": K.UNSUPPORTED,
    "AUTH": K.AUTH,
    "PERMISSION": K.PERMISSION,
    "CONFLICT": K.CONFLICT,
    "TOO_LARGE": K.TOO_LARGE,
    "BILLING": K.BILLING,
    # Groq, Google's compatible endpoint, Alibaba (2026-11)
    "tool_use_failed": K.BAD_REQUEST,
    "json_validate_failed": K.BAD_REQUEST,
    "capacity_exceeded": K.OVERLOADED,
    "DataInspectionFailed": K.CONTENT_POLICY,
    "data_inspection_failed": K.CONTENT_POLICY,
    "Arrearage": K.BILLING,
}

TYPES: Mapping[str, ErrorKind] = {
    "authentication_error": K.AUTH,
    "permission_error": K.PERMISSION,
    "not_found_error": K.NOT_FOUND,
    "not_found": K.NOT_FOUND,
    "conflict_error": K.CONFLICT,
    "request_too_large": K.TOO_LARGE,
    "insufficient_quota": K.BILLING,
    "exceeded_current_quota_error": K.BILLING,  # Moonshot
    "billing_error": K.BILLING,
    "rate_limit_error": K.RATE_LIMIT,
    "rate_limit_reached_error": K.RATE_LIMIT,  # Moonshot
    "rate_limited": K.RATE_LIMIT,  # Mistral
    "tokens": K.RATE_LIMIT,
    "requests": K.RATE_LIMIT,
    "engine_overloaded_error": K.OVERLOADED,  # Moonshot
    "overloaded_error": K.OVERLOADED,
    "service_unavailable_error": K.OVERLOADED,
    "content_filter": K.CONTENT_POLICY,
    "exceed_context_size_error": K.CONTEXT_OVERFLOW,  # llama.cpp
    "timeout_error": K.TIMEOUT,
    # Amazon Bedrock and its signatures, 2026-11
    "ThrottlingException": K.RATE_LIMIT,
    "TooManyRequestsException": K.RATE_LIMIT,
    "ServiceQuotaExceededException": K.RATE_LIMIT,
    "ModelNotReadyException": K.OVERLOADED,
    "ServiceUnavailableException": K.OVERLOADED,
    "InternalServerException": K.SERVER,
    "InternalFailureException": K.SERVER,
    "ModelErrorException": K.SERVER,
    "ModelTimeoutException": K.TIMEOUT,
    "ResourceNotFoundException": K.NOT_FOUND,
    "UnrecognizedClientException": K.AUTH,
    "InvalidSignatureException": K.AUTH,
    "IncompleteSignatureException": K.AUTH,
    "MissingAuthenticationTokenException": K.AUTH,
    "ExpiredTokenException": K.AUTH,
    "InvalidClientTokenIdException": K.AUTH,
    "UNAUTHENTICATED": K.AUTH,
    "NOT_FOUND": K.NOT_FOUND,
    "CANCELLED": K.CANCELLED,
    "INTERNAL": K.SERVER,
    "PERMISSION_DENIED": K.PERMISSION,
    "RESOURCE_EXHAUSTED": K.RATE_LIMIT,
    "UNAVAILABLE": K.OVERLOADED,
    "DEADLINE_EXCEEDED": K.TIMEOUT,
}

VAGUE: Mapping[str, ErrorKind] = dict.fromkeys(
    (
        "invalid_request_error",
        "invalid_request",
        "INVALID_ARGUMENT",
        "FAILED_PRECONDITION",
        "OUT_OF_RANGE",
        "ValidationException",
    ),
    K.BAD_REQUEST,
)
"""Types that say less than a status, read where there is none."""

EARLY: tuple[tuple[re.Pattern[str], frozenset[int], ErrorKind], ...] = (
    # what says more than the type beside it (2026-11)
    (re.compile(r"(?i)mpagreementbeingcreated"), frozenset({403}), K.OVERLOADED),  # Bedrock: a model that is being unlocked
    (re.compile(r"(?i)model identifier is invalid|on-demand throughput isn.t supported"),
     frozenset({400}), K.NOT_FOUND),  # Bedrock
)  # fmt: skip
"""As PATTERNS, read before the type."""

PATTERNS: tuple[tuple[re.Pattern[str], frozenset[int], ErrorKind], ...] = (
    # messages of providers that give no code of their own (recorded 2026-11): pattern, statuses it counts for, kind
    (re.compile(r"maximum context length|context window|[Pp]rompt (?:is )?too long|input is too long"
                r"|exceeds? (?:the )?(?:available )?context|longer than the model's context|is too long and exceeds limit"),
     frozenset({400, 413, 422}), K.CONTEXT_OVERFLOW),  # Anthropic, DeepSeek, vLLM, Together, llama.cpp
    (re.compile(r"(?i)input is too long|input tokens exceeded|number of input tokens exceeds"),
     frozenset({400}), K.CONTEXT_OVERFLOW),  # Bedrock
    (re.compile(r"(?i)insufficient (?:balance|credits?|funds)|credit balance|exceeded your current quota"),
     frozenset({400, 402, 403, 429}), K.BILLING),  # Anthropic, DeepSeek, OpenRouter
    (re.compile(r"(?i)(?:spend|usage) limits?\b.*\b(?:reached|exceeded)|(?:reached|exceeded)\b.*\b(?:spend|usage) limits?"),
     frozenset({400, 403, 429}), K.BILLING),  # Anthropic
    (re.compile(r"(?i)token count .* exceeds the maximum number of tokens"), frozenset({400}), K.CONTEXT_OVERFLOW),  # Google
    (re.compile(r"(?i)(?:enable|requires?) billing|billing account"), frozenset({400}), K.BILLING),  # Google
    (re.compile(r"(?i)incorrect api key|invalid api key|api key not valid"), frozenset({400, 401, 403}), K.AUTH),  # xAI, Google
    (re.compile(r"(?i)^server busy"), frozenset({503}), K.OVERLOADED),  # Ollama, server/sched.go
    (re.compile(r"^too many tokens:(?! max tokens)"), frozenset({400}), K.CONTEXT_OVERFLOW),  # Cohere, its page on errors
    (re.compile(r"longer than the context length"), frozenset({400}), K.CONTEXT_OVERFLOW),  # Ollama, llm/llama_server.go
    (re.compile(r"(?i)violates? usage guidelines|flagged for|content management policy"),
     frozenset({400}), K.CONTENT_POLICY),  # xAI, Azure
)  # fmt: skip

STATUSES: Mapping[int, ErrorKind] = {
    400: K.BAD_REQUEST, 401: K.AUTH, 402: K.BILLING, 403: K.PERMISSION, 404: K.NOT_FOUND, 405: K.BAD_REQUEST, 408: K.TIMEOUT,
    409: K.CONFLICT, 413: K.TOO_LARGE, 415: K.BAD_REQUEST, 422: K.BAD_REQUEST, 424: K.SERVER, 425: K.OVERLOADED,
    429: K.RATE_LIMIT, 498: K.OVERLOADED, 499: K.CANCELLED, 502: K.SERVER, 503: K.OVERLOADED, 504: K.TIMEOUT,
    520: K.SERVER, 524: K.TIMEOUT, 529: K.OVERLOADED,
}  # fmt: skip
