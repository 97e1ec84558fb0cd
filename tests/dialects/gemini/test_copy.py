"""The Copy lane, and where a target is asked: model, method and framing stand in the URL."""

import json

import pytest
from msgspec.structs import replace

from dragoman.core.quirks import Quirks
from dragoman.dialects.gemini import DIALECT
from support import speech
from support.google import ID, ask, envelope

ODD = b'{ "contents" : [ {"parts":[{"text":"h\\u00e9"}]} ] , "generationConfig" : {"temperature" : 1.50 , "new" : 1e2} }'
TARGET = replace(speech.target(ID, "up", Quirks(), "example"), base="https://g.example/v1beta")


@pytest.mark.parametrize(
    ("path", "model", "stream", "framing"),
    [
        ("/v1beta/models/m:generateContent", "m", False, ""),
        ("/v1/models/m:streamGenerateContent", "m", True, "array"),
        ("/v1beta/models/ft:a:b:generateContent", "ft:a:b", False, ""),
        ("/v1beta/models/org/m:7b:generateContent", "org/m:7b", False, ""),
        ("/v1beta/tunedModels/mine:generateContent", "tunedModels/mine", False, ""),
        ("/v1/projects/p/locations/l/publishers/google/models/m:generateContent", "m", False, ""),
        ("/v1beta1/publishers/google/models/m:generateContent", "m", False, ""),
    ],
)
def test_what_a_url_says(path: str, model: str, stream: bool, framing: str) -> None:
    found = envelope(ask(), path)
    assert (found.model, found.stream, found.framing) == (model, stream, framing)
    assert envelope(ask(), path, "key=k&alt=sse").framing == ""
    assert any(_fits(each.pattern, path) for each in DIALECT.paths)


def _fits(pattern: str, path: str) -> bool:
    head, _, tail = pattern.partition("{model}")
    fixed = head.replace("{project}", "p").replace("{location}", "l")
    return path.startswith(fixed) and path.endswith(tail) and bool(tail)


def test_a_body_goes_on_as_it_came() -> None:
    asked = envelope(ODD)
    assert DIALECT.retarget(asked, TARGET, Quirks()).body is asked.body


def test_a_model_in_the_body_is_named_anew() -> None:
    asked = envelope({"model": "models/m", **ask()})
    assert json.loads(DIALECT.retarget(asked, TARGET, Quirks()).body) == {"model": "models/up", **ask()}
    counted = envelope({"generateContentRequest": {"model": "models/m", **ask()}}, "/v1beta/models/m:countTokens")
    assert json.loads(DIALECT.retarget(counted, TARGET, Quirks()).body) == {
        "generateContentRequest": {"model": "models/up", **ask()}
    }


def test_a_seal_of_ours_is_not_copied() -> None:
    part = {"text": "", "thoughtSignature": "ZGdtMS5ZVzUwYUhKdmNHbGpPbVY0WVcxd2JHVUs="}
    assert DIALECT.copyable(envelope(ask()), TARGET, Quirks())
    assert not DIALECT.copyable(envelope({"contents": [{"role": "model", "parts": [part]}]}), TARGET, Quirks())


@pytest.mark.parametrize(
    ("model", "base", "url"),
    [
        ("up", "https://g.example/v1beta", "https://g.example/v1beta/models/up:generateContent"),
        ("models/up", "https://g.example/v1beta", "https://g.example/v1beta/models/up:generateContent"),
        ("tunedModels/up", "https://g.example/v1beta", "https://g.example/v1beta/tunedModels/up:generateContent"),
        ("a/b:c", "https://g.example/v1beta", "https://g.example/v1beta/models/a/b:c:generateContent"),
        ("up", "https://v.example/v1/p/models/{model}", "https://v.example/v1/p/models/up:generateContent"),
    ],
)
def test_where_a_target_is_asked(model: str, base: str, url: str) -> None:
    target = replace(TARGET, model=model, base=base)
    assert DIALECT.endpoint(target, "chat", stream=False) == url
    streamed = url.replace(":generateContent", ":streamGenerateContent")
    assert DIALECT.endpoint(target, "chat", stream=True) == f"{streamed}?alt=sse"
    assert DIALECT.endpoint(target, "chat", stream=True, framing="array") == streamed
    assert DIALECT.endpoint(target, "count_tokens", stream=False) == url.replace(":generateContent", ":countTokens")


def test_a_cache_ties_a_call_to_its_account() -> None:
    assert envelope({"cachedContent": "cachedContents/1", **ask()}).pinned
    assert envelope({"cached_content": "cachedContents/1", **ask()}).refers == "1"
    file = "https://generativelanguage.googleapis.com/v1beta/files/f-1"
    told = envelope({"contents": [{"parts": [{"fileData": {"fileUri": file}}]}]})
    assert (told.pinned, told.refers) == (True, "f-1")
    elsewhere = envelope({"contents": [{"parts": [{"fileData": {"fileUri": "https://example.com/files/f-1"}}]}]})
    assert not elsewhere.pinned
    assert not envelope({"cachedContent": None, **ask()}).pinned
