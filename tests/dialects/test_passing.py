"""Calls that are passed: what tells whom to ask, and where a call goes below a provider's base."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.config import Target
from dragoman.core.errors import CallError, ErrorKind
from dragoman.core.request import Envelope
from dragoman.dialects.base import Path
from dragoman.dialects.endpoints import url_below
from dragoman.dialects.passing import asking, kept, peek, retarget
from support.forms import TYPE, form
from support.golden import ROOT, replace_between
from support.passed import passed_table
from support.routing import provider

ASKING = asking("/v1", "/audio/transcriptions")
FILES = {door.method + door.pattern: door for door in kept("/v1", "files")}
JSON = "application/json"


@pytest.mark.golden
def test_the_page_tells_every_door(golden: Callable[[str, str], None]) -> None:
    page = (ROOT / "docs/other-calls.md").read_text(encoding="utf-8")
    golden("docs/other-calls.md", replace_between(page, "passed", passed_table()))


def seen(door: Path, path: str, body: bytes = b"", type_: str = JSON, query: str = "") -> Envelope:
    return peek("openai-chat", door, door.method, path, query, (("content-type", type_),), body)


def target(model: str = "real", base: str = "https://api.example.com/v1", **more: Any) -> Target:
    return Target(provider=provider(), model=model, dialect="openai-chat", base=base, **more)


def test_doors_of_what_is_kept() -> None:
    assert list(FILES) == [
        "GET/v1/files", "POST/v1/files",
        "GET/v1/files/{id}", "POST/v1/files/{id}", "DELETE/v1/files/{id}",
        "GET/v1/files/{id}/{rest}", "POST/v1/files/{id}/{rest}", "DELETE/v1/files/{id}/{rest}",
    ]  # fmt: skip
    assert all(door.pinned and door.operation == "pass" for door in FILES.values())
    assert {door.method for door in kept("/v1", "files", ("PATCH",))} == {"GET", "POST", "DELETE", "PATCH"}
    assert not ASKING.pinned


@pytest.mark.parametrize(
    ("body", "type_", "model", "refers"),
    [
        (b'{"model":"a:b"}', JSON, "a:b", None),
        (b'{"model":"a"}', "application/json; charset=utf-8", "a", None),
        (b'{"model":"a"}', "application/vnd.x+json", "a", None),
        (b' {"model":"a"}', "", "a", None),
        (b'{"model":null}', JSON, None, None),
        (b'{"model":""}', JSON, None, None),
        (b"", JSON, None, None),
        (b"a=b", "application/x-www-form-urlencoded", None, None),
        (b"\x00\x01", "application/octet-stream", None, None),
        (form({"model": "a"}, {"file": b"x"}), TYPE, "a", None),
        (form({}, {"file": b"x"}), TYPE, None, None),
        (b'{"input_file_id":"file-1"}', JSON, None, "file-1"),
        (b'{"file_ids":["file-1","file-2"],"model":"a"}', JSON, "a", "file-1"),
        (b'{"file_ids":[],"conversation":{"id":"conv_1"}}', JSON, None, "conv_1"),
        (b'{"file_id":null,"thread_id":5,"vector_store_ids":[1]}', JSON, None, None),
    ],
)
def test_what_a_body_says_of_whom_to_ask(body: bytes, type_: str, model: str | None, refers: str | None) -> None:
    envelope = seen(ASKING, "/v1/audio/transcriptions", body, type_)
    assert (envelope.model, envelope.refers, envelope.pinned) == (model, refers, refers is not None)
    assert envelope.body is body
    assert (envelope.door, envelope.below) == ("POST /v1/audio/transcriptions", "/audio/transcriptions")


def test_what_a_path_says_of_whom_to_ask() -> None:
    listed = seen(FILES["GET/v1/files"], "/v1/files")
    assert (listed.refers, listed.pinned, listed.below) == (None, True, "/files")
    one = seen(FILES["GET/v1/files/{id}"], "/v1/files/file-1")
    assert (one.refers, one.pinned, one.below) == ("file-1", True, "/files/file-1")
    below = seen(FILES["GET/v1/files/{id}/{rest}"], "/v1/files/file-1/a b/content", b'{"file_id":"file-2"}')
    assert (below.refers, below.below) == ("file-1", "/files/file-1/a%20b/content")
    door = Path("POST", "/v1beta/models/{model}:embedContent", "embed", root="/v1beta")
    named = seen(door, "/v1beta/models/google/gemini:emb:embedContent", b'{"model":"other"}')
    assert (named.model, named.refers, named.below) == ("google/gemini:emb", None, "/models/{model}:embedContent")
    assert retarget(named, target()) is named.body


@settings(deadline=None)
@given(st.text(min_size=1))
def test_whatever_an_id_is_it_is_one_segment_or_refused(id_: str) -> None:
    door, id_ = FILES["GET/v1/files/{id}"], id_.encode("utf-8", "replace").decode()
    if "/" in id_ or id_ in (".", "..") or re.search(r"(^|[\\])\.\.?([\\;]|$)", id_):
        with pytest.raises(CallError):
            seen(door, f"/v1/files/{id_}")
        return
    below = seen(door, f"/v1/files/{id_}").below
    assert below.startswith("/files/")
    assert below.count("/") == 2
    assert below.isascii()
    assert not set("?#\\{}\r\n ") & set(below)


@pytest.mark.parametrize("rest", ["..", "a/../b", ".", "a/./b", "..\\b", "a\\..", "..;/b", "a/..;x=1/b", "../", "a/.."])
def test_dots_that_would_lead_elsewhere_are_refused(rest: str) -> None:
    with pytest.raises(CallError) as caught:
        seen(FILES["GET/v1/files/{id}/{rest}"], f"/v1/files/x/{rest}")
    assert caught.value.error.kind is ErrorKind.NOT_FOUND


@pytest.mark.parametrize("rest", ["...", "..a", "a..", "a.b/c..d", ".hidden"])
def test_other_dots_are_not(rest: str) -> None:
    assert seen(FILES["GET/v1/files/{id}/{rest}"], f"/v1/files/x/{rest}").below == f"/files/x/{rest}"


def test_only_the_model_changes() -> None:
    body = b'{"a": [1.50,1E2], "model": "p:m", "b":{ "model" : "p:m" }}'
    told = seen(ASKING, "/v1/audio/transcriptions", body)
    assert retarget(told, target()) == b'{"a":[1.50,1E2],"model":"real","b":{ "model" : "p:m" }}'
    assert retarget(told, target("p:m")) is body
    sent = form({"model": "p:m", "prompt": "p:m"}, {"file": b"p:m"})
    told = seen(ASKING, "/v1/audio/transcriptions", sent, TYPE)
    assert retarget(told, target()) == form({"model": "real", "prompt": "p:m"}, {"file": b"p:m"})
    unnamed = seen(ASKING, "/v1/audio/transcriptions", b'{"a":1}')
    assert retarget(unnamed, target()) is unnamed.body


@pytest.mark.parametrize(
    ("at", "below", "query", "modelled", "url"),
    [
        (target(), "/files", "", False, "https://api.example.com/v1/files"),
        (target(), "/files/a", "limit=2&key=s&after=x%26", False, "https://api.example.com/v1/files/a?limit=2&after=x%26"),
        (target(query="v=1&w=2"), "/files", "v=9&%76=8&x=", False, "https://api.example.com/v1/files?v=1&w=2&x="),
        (target(base="https://h/d/{model}"), "/embeddings", "", True, "https://h/d/real/embeddings"),
        (target(base="https://h/o/d/{model}"), "/files", "", False, "https://h/o/files"),
        (target("a/b c"), "/models/{model}:embed", "", True, "https://api.example.com/v1/models/a%2Fb%20c:embed"),
        (target(path="https://h/x/chat/completions"), "/files", "", False, "https://h/x/files"),
        (target(path="https://h/x/elsewhere"), "/files", "", False, "https://api.example.com/v1/files"),
    ],
)
def test_where_a_call_goes(at: Target, below: str, query: str, modelled: bool, url: str) -> None:
    assert url_below(at, "/chat/completions", below, query, modelled=modelled) == url
