"""Google's models: what each generation takes."""

import pytest

from dragoman.core.quirks import Quirks
from dragoman.providers import quirks

PRESETS = ("google", "vertex", "custom")


def of(model: str, preset: str = "google") -> Quirks:
    return quirks.quirks_for(preset, "gemini", model)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    "model", ["sink-1", "replay-gemini-04fb06c677--3", "tunedModels/mine", "my-gemini-2", "gemma-4-31b-it", ""]
)
def test_a_model_that_no_row_knows_has_no_quirk(preset: str, model: str) -> None:
    assert of(model, preset) == Quirks()


@pytest.mark.parametrize(
    "model", ["gemini-1.5-flash", "gemini-1.0-pro", "gemini-pro", "gemini-2.0-flash-001", "models/gemini-2.0-flash"]
)
def test_models_that_do_not_think(model: str) -> None:
    found = of(model)
    assert (found.thinking, found.tool_id, found.reasoning_required) == (frozenset(), "none", False)
    assert (found.tools_with_schema, found.media_in_results, found.media_by_url) == (False, False, False)
    assert (found.schema_form == "openapi") == ("2.0" not in model)


@pytest.mark.parametrize(
    ("model", "modes", "budget"),
    [
        ("gemini-2.5-pro", {"on"}, (128, 32768)),
        ("gemini-2.5-pro-preview-03-25", {"on"}, (128, 32768)),
        ("gemini-2.5-flash", {"on", "off"}, (1, 24576)),
        ("gemini-2.5-flash-preview-09-2025", {"on", "off"}, (1, 24576)),
        ("gemini-2.5-flash-lite", {"on", "off"}, (512, 24576)),
        ("gemini-2.5-flash-image", set(), None),
        ("gemini-2.5-flash-preview-tts", set(), None),
    ],
)
def test_models_that_think_by_budget(model: str, modes: set[str], budget: tuple[int, int] | None) -> None:
    found = of(model)
    assert (set(found.thinking or ()), found.thinking_budget) == (modes, budget)
    assert (found.tool_id, found.reasoning_required, found.media_by_url) == ("none", False, True)


@pytest.mark.parametrize(
    ("model", "efforts"),
    [
        ("gemini-3-pro-preview", ("low", "high")),
        ("gemini-3-flash-preview", ("minimal", "low", "medium", "high")),
        ("gemini-3.1-flash-lite", ("minimal", "low", "medium", "high")),
        ("gemini-3.1-pro-preview", ("low", "medium", "high")),
        ("gemini-3.5-flash", ("low", "medium", "high")),
        ("gemini-3.8-flash", ("low", "medium", "high")),
        ("gemini-4-argon", ("low", "medium", "high")),
        ("gemini-flash-latest", ("low", "medium", "high")),
        ("google/gemini-3.5-flash", ("low", "medium", "high")),
    ],
)
def test_models_that_think_by_level_want_their_signatures_back(model: str, efforts: tuple[str, ...]) -> None:
    found = of(model)
    assert (set(found.thinking or ()), found.efforts, found.reasoning_required) == ({"adaptive"}, efforts, True)
    assert (found.tool_id, found.tools_with_schema, found.media_in_results) == (None, True, True)


@pytest.mark.parametrize("model", ["gemma-3-27b-it", "gemma-3n-e4b-it", "models/gemma-2-9b-it"])
def test_gemma_knows_no_instructions(model: str) -> None:
    found = of(model)
    assert (found.system_role, found.json_mode, found.json_schema) == ("user", False, False)
