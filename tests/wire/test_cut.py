"""Members cut out of documents, by the paths that providers' errors tell."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.wire.cut import cut
from dragoman.wire.json import JSONError

MESSAGES = (
    b'{"model":"m","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"x",'
    b'"cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"y","cache_control":{"type":"ephemeral"}}]}],'
    b'"tools":[{"name":"a","strict":true,"input_schema":{"n":1.50}},{"name":"b","strict":false}],"temperature":1.50,'
    b'"output_config":{"effort":"high"},"generationConfig":{"thinkingConfig":{"thinkingBudget":1},"topK":12345678901234567890}}'
)


@pytest.mark.parametrize(
    ("path", "pointers"),
    [
        ("temperature", ["/temperature"]),
        ("tools.*.strict", ["/tools/0/strict", "/tools/1/strict"]),
        ("tools.*.custom.strict", ["/tools/0/strict", "/tools/1/strict"]),
        ("messages.*.content.*.cache_control", ["/messages/1/content/0/cache_control", "/messages/1/content/1/cache_control"]),
        ("messages.*.content.*.thinking.cache_control", ["/messages/1/content/0/cache_control"]),
        ("messages.*.assistant.content.*.text.cache_control", ["/messages/1/content/1/cache_control"]),
        ("messages.*.content.*.cache_control.ephemeral.ttl", ["/messages/1/content/0/cache_control/ttl"]),
        ("generation_config.thinking_config", ["/generationConfig/thinkingConfig"]),
        ("generationConfig.thinkingConfig.thinkingBudget", ["/generationConfig/thinkingConfig/thinkingBudget"]),
    ],
)
def test_what_is_cut(path: str, pointers: list[str]) -> None:
    left, found = cut(MESSAGES, path)
    assert list(found) == pointers
    assert cut(left, path) == (left, ())
    for kept in (b'"temperature":1.50', b'"n":1.50', b"12345678901234567890"):
        assert kept in left or path == "temperature"


@pytest.mark.parametrize(
    "path",
    [
        "top_p",
        "temperature.x",
        "messages.strict",
        "messages.*",
        "tools.0.strict",
        "messages.*.user.name",
        "model.*",
        "*",
        "",
        "nothing.temperature",
        "nothing.*.model",
    ],
)
def test_what_is_not_there_leaves_the_same_object(path: str) -> None:
    left, found = cut(MESSAGES, path)
    assert left is MESSAGES
    assert found == ()


def test_an_object_that_only_held_the_member_goes_as_well() -> None:
    left, found = cut(MESSAGES, "output_config.effort")
    assert list(found) == ["/output_config/effort"]
    assert b"output_config" not in left
    assert cut(b'{"tools":[{"strict":true}]}', "tools.*.strict")[0] == b'{"tools":[{}]}'


def test_a_name_with_a_slash_is_escaped() -> None:
    assert cut(b'{"a/b":1,"c":2}', "a/b") == (b'{"c":2}', ("/a~1b",))


def test_what_is_no_json_is_told() -> None:
    with pytest.raises(JSONError):
        cut(b"{nonsense", "a")


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "type", "x_y"]), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["a", "b", "xY"]), _values), st.sampled_from(["a", "a.b", "b.*.a", "x_y.b", "a.*.*.b"]))
def test_only_the_path_is_touched(document: dict[str, object], path: str) -> None:
    body = json.dumps(document).encode()
    left, found = cut(body, path)
    assert cut(left, path) == (left, ())
    assert (left is body) == (found == ())
    kept = {name: value for name, value in document.items() if name != path.partition(".")[0] and name != "xY"}
    assert {name: value for name, value in json.loads(left).items() if name in kept} == kept
