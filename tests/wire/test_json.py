"""The door to JSON: what is repaired, and what stays as it was."""

from typing import Any

import pytest

from dragoman.wire import json

PAIR, HALF, OTHER_HALF = rb"\ud83d\ude00", rb"\uD83D", rb"\ude00"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (PAIR, "\U0001f600"),
        (HALF, "\ufffd"),
        (OTHER_HALF, "\ufffd"),
        (HALF + PAIR, "\ufffd\U0001f600"),
        (PAIR + OTHER_HALF + b"a", "\U0001f600\ufffda"),
        (rb"\\ud83d" + HALF, "\\ud83d\ufffd"),
        (rb"\\" + HALF, "\\\ufffd"),
        (b"plain", "plain"),
    ],
)
def test_halves_of_characters_are_mended(written: bytes, read: str) -> None:
    assert json.decode(json.mended(b'"' + written + b'"'), str) == read


def test_for_people_every_token_keeps_its_bytes() -> None:
    assert json.pretty(b'{"a":[1.50,"\\u00e9"],"b":{}}') == b'{\n  "a": [\n    1.50,\n    "\\u00e9"\n  ],\n  "b": {}\n}'


@pytest.mark.parametrize("read", [json.decode, json.members, json.items])
@pytest.mark.parametrize("piece", [(b"[", b"]"), (b'{"a":', b"}")])
def test_depth_never_ends_the_stack(read: Any, piece: tuple[bytes, bytes]) -> None:
    deep = piece[0] * 100_000 + b"1" + piece[1] * 100_000
    with pytest.raises(json.JSONError):
        read(deep)
