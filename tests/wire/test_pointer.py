import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.wire.pointer import inside, labelled, leaves

DOCUMENT = {
    "model": "m",
    "none": None,
    "empty": {},
    "a/b": {"~": [1, [], {"x": False}]},
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": 7}]},
        {"parts": [{"functionCall": {"name": "f"}, "thoughtSignature": "x"}, {"text": "Hi"}, {"text": "Hm", "thought": True}]},
    ],
    "tools": [{"name": "t", "input_schema": {}}],
    "stop": ["END"],
}


def test_leaves_are_all_that_is_said() -> None:
    assert list(leaves(DOCUMENT)) == [
        "/model",
        "/empty",
        *("/a~1b/~0/0", "/a~1b/~0/1", "/a~1b/~0/2/x"),
        *("/messages/0/role", "/messages/0/content/0/type", "/messages/0/content/0/text", "/messages/0/content/1/type"),
        *("/messages/1/parts/0/functionCall/name", "/messages/1/parts/0/thoughtSignature"),
        *("/messages/1/parts/1/text", "/messages/1/parts/2/text", "/messages/1/parts/2/thought"),
        *("/tools/0/name", "/tools/0/input_schema"),
        "/stop/0",
    ]


@pytest.mark.parametrize(
    ("pointer", "told"),
    [
        ("", ""),
        ("/model", "/model"),
        ("/a~1b/~0/2/x", "/a~1b/~0/[x]/x"),
        ("/messages/0/content/0/text", "/messages/[user]/content/[text]/text"),
        ("/messages/0/content/1", "/messages/[user]/content/[type]"),
        ("/messages/1/parts/0/functionCall/name", "/messages/[parts]/parts/[functionCall]/functionCall/name"),
        ("/messages/1/parts/1", "/messages/[parts]/parts/[text]"),
        ("/messages/1/parts/2", "/messages/[parts]/parts/*"),
        ("/tools/0/name", "/tools/*/name"),
        ("/stop/0", "/stop/*"),
        ("/not/there", "/not/there"),
    ],
)
def test_a_place_is_told_for_people(pointer: str, told: str) -> None:
    assert labelled(DOCUMENT, pointer) == told


def test_inside() -> None:
    assert inside("/a/b", "/a")
    assert inside("/a", "/a")
    assert inside("/a", "")
    assert not inside("/ab", "/a")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(JSON)
def test_every_leaf_has_a_place_of_its_own(document: object) -> None:
    found = list(leaves(document))
    assert len(found) == len(set(found))
    for pointer in found:
        assert labelled(document, pointer).count("/") >= 0
