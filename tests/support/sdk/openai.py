"""What both of OpenAI's dialects have of the official `openai` SDK."""

from typing import Any

import httpx2
import openai

from support.sdk.base import Door

ERRORS = (openai.APIError,)
INVALID = (openai.APIResponseValidationError,)


def make(door: Door, strict: bool) -> Any:
    http = httpx2.Client(transport=door)
    return openai.OpenAI(
        api_key="k", base_url="http://gateway", http_client=http, max_retries=0, _strict_response_validation=strict
    )
