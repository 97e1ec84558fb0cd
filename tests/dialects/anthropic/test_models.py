"""Anthropic's list of models: in pages, with the names that Claude Code keeps first."""

from typing import Any

import pytest

from dragoman.core.errors import CallError
from dragoman.core.model import ModelName
from dragoman.dialects.anthropic.models import models
from dragoman.wire import json


def name(id_: str, alias: str = "", shown: str = "") -> ModelName:
    return ModelName(id=id_, display_name=id_, created=0, owner="p", alias=alias, alias_name=shown)


NAMES = [
    name("gpt", "claude-gw/p:gpt", "gpt (P)"),
    name("claude-x"),
    name("p:gpt", "claude-gw/p:gpt", "gpt (P)"),
    name("llama", "claude-gw/q:llama", "llama (P)"),
]
WHOLE = ["claude-x", "claude-gw/p:gpt", "claude-gw/q:llama", "gpt", "p:gpt", "llama"]


def told(query: str) -> Any:
    return json.decode(models(NAMES, query))


def ids(query: str) -> list[str]:
    return [entry["id"] for entry in told(query)["data"]]


def test_all_of_them_where_nobody_turns_pages() -> None:
    whole = told("")
    assert [entry["id"] for entry in whole["data"]] == WHOLE
    assert (whole["has_more"], whole["first_id"], whole["last_id"]) == (False, "claude-x", "llama")
    assert [entry["display_name"] for entry in whole["data"]][1:4] == ["gpt (P)", "llama (P)", "gpt"]


def test_what_claude_code_asks_and_keeps() -> None:
    kept = [id_ for id_ in ids("limit=1000") if "claude" in id_.lower() or "anthropic" in id_.lower()]
    assert kept == WHOLE[:3]


def test_every_page_once_in_both_directions() -> None:
    for size in range(1, 8):
        forward: list[str] = []
        while True:
            page = told(f"limit={size}" + (f"&after_id={forward[-1].replace('/', '%2F')}" if forward else ""))
            forward += [entry["id"] for entry in page["data"]]
            if not page["has_more"]:
                break
        assert forward == WHOLE
        backward: list[str] = ["llama"]
        while True:
            page = told(f"limit={size}&before_id={backward[0]}")
            backward = [*(entry["id"] for entry in page["data"]), *backward]
            if not page["has_more"]:
                break
        assert backward == WHOLE


def test_ends_of_the_list() -> None:
    assert told("after_id=llama") == {"object": "list", "data": [], "has_more": False, "first_id": None, "last_id": None}
    assert ids("after_id=gpt") == ["p:gpt", "llama"]
    assert ids("before_id=gpt") == WHOLE[:3]
    assert ids("after_id=claude-x&before_id=gpt&limit=1") == ["claude-gw/q:llama"]
    assert json.decode(models([], "limit=5"))["data"] == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "limit=-1", "limit=²", f"limit={'1' * 5000}", "after_id=nobody", "before_id=gp"]
)
def test_what_is_no_page_is_a_400(query: str) -> None:
    with pytest.raises(CallError) as caught:
        told(query)
    assert (caught.value.error.status, caught.value.error.param) == (400, query.partition("=")[0])
