"""The lists of models in Google's form: names begin with `models/`. What is not known of a model is left out."""

from collections.abc import Sequence
from typing import Any, Final

from dragoman.core.model import ModelName
from dragoman.dialects.gemini.copy import MODELS
from dragoman.wire import json

_METHODS: Final = ("generateContent", "countTokens")


def models(names: Sequence[ModelName]) -> bytes:
    return json.encode({"models": [_entry(name) for name in names]})


def model(name: ModelName) -> bytes:
    return json.encode(_entry(name))


def _entry(name: ModelName) -> dict[str, Any]:
    return {
        "name": MODELS + name.id.removeprefix(MODELS),
        "displayName": name.display_name,
        "description": f"Served by {name.owner}.",
        "supportedGenerationMethods": _METHODS,
    }
