"""Google's list of models: in pages, as its clients turn them."""

from typing import Any

import pytest

from dragoman.core.errors import CallError
from dragoman.core.model import ModelName
from dragoman.dialects.gemini.catalogue import models
from dragoman.wire import json

NAMES = [ModelName(id=id_, display_name=id_, created=0, owner="p") for id_ in ("gpt", "claude-x", "q:llama", "sömething/else")]
WHOLE = [f"models/{name.id}" for name in NAMES]


def told(query: str) -> Any:
    return json.decode(models(NAMES, query))


def test_all_of_them_where_nobody_turns_pages() -> None:
    for query in ("", "pageSize=0", "pageSize=5000", "pageSize=2147483647", "pageSize=4&pageToken="):
        whole = told(query)
        assert [entry["name"] for entry in whole["models"]] == WHOLE
        assert "nextPageToken" not in whole


@pytest.mark.parametrize(("size_is", "token_is"), [("pageSize", "pageToken"), ("page_size", "page_token")])
def test_every_page_once(size_is: str, token_is: str) -> None:
    for size in range(1, 6):
        found: list[str] = []
        token = ""
        while True:
            page = told(f"{size_is}={size}" + (f"&{token_is}={token}" if token else ""))
            assert len(page["models"]) <= size
            found += [entry["name"] for entry in page["models"]]
            token = page.get("nextPageToken", "")
            if not token:
                break
        assert found == WHOLE


def test_a_page_begins_after_a_name_whatever_came_before_it() -> None:
    token = told("pageSize=2")["nextPageToken"]
    later = json.decode(models(NAMES[1:], f"pageToken={token}"))
    assert [entry["name"] for entry in later["models"]] == WHOLE[2:]


@pytest.mark.parametrize(
    ("query", "member"),
    [
        ("pageSize=-1", "pageSize"),
        ("pageSize=ten", "pageSize"),
        ("pageSize=1.5", "pageSize"),
        (f"pageSize={'1' * 5000}", "pageSize"),
        ("pageToken=nowhere", "pageToken"),
        ("pageToken=%00%ff", "pageToken"),
        ("pageToken=abcde", "pageToken"),
    ],
)
def test_what_is_no_page(query: str, member: str) -> None:
    with pytest.raises(CallError) as refused:
        models(NAMES, query)
    assert (refused.value.error.status, refused.value.error.param) == (400, member)
    assert refused.value.error.message.startswith(f"{member}: ")
