"""Members in the object of a content part that OpenAI does not know: they stay where they stood, and losses point to them."""

import json
from typing import Any

import pytest

from support.fixtures import Ask
from support.speech import build, parse

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
LINKED = {"type": "image_url", "image_url": {"url": "https://a/b", "format": "image/png"}}
HELD = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}", "format": "image/png"}}


def sent(part: dict[str, Any], to: str) -> tuple[Any, dict[str, str]]:
    asked = parse(Ask("openai-chat", "", json.dumps({"model": "m", "messages": [{"role": "user", "content": [part]}]}).encode()))
    built = build(asked, to)
    return json.loads(built.body), {loss.path: loss.kind.value for loss in built.losses}


@pytest.mark.parametrize(
    "part",
    [
        LINKED,
        HELD,
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "x", "format": "application/pdf"}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav", "x/y": 1}},
        {"type": "video_url", "video_url": {"url": "https://a/b.mp4", "fps": 2}, "beside": True},
    ],
)
def test_what_stands_in_the_object_of_a_part_goes_back_into_it(part: dict[str, Any]) -> None:
    body, lost = sent(part, "openai-chat")
    assert (body["messages"][0]["content"], lost) == ([part], {})


def test_a_loss_points_into_the_object() -> None:
    part = {"type": "video_url", "video_url": {"url": "https://a/b.mp4", "fps": 2}}
    assert sent(part, "gemini")[1] == {"/messages/0/content/0/video_url/fps": "dropped"}


def test_an_images_media_type_that_is_told_beside_its_url_is_used() -> None:
    """LiteLLM and Strands tell it (2026-11)."""
    body, lost = sent(LINKED, "gemini")
    assert body["contents"][0]["parts"] == [{"fileData": {"mimeType": "image/png", "fileUri": "https://a/b"}}]
    assert lost == {}
    for to in ("anthropic", "gemini", "openai-responses"):
        assert sent(HELD, to)[1] == {}
