"""The official `ollama` SDK: the type of a chat request. No client of ours is made with it."""

from typing import Any

import pydantic
from ollama._types import ChatRequest

ASKS: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(ChatRequest)
