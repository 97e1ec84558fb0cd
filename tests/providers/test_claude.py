import pytest

from dragoman.providers.claude import tier


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("claude-3-5-haiku-latest", "small"),
        ("claude-3-5-sonnet-20241022", "medium"),
        ("claude-opus-4-1", "big"),
        ("claude-sonnet-4-5-20250929", "medium"),
        ("claude-opus-5.5", "big"),
        ("anthropic/claude-3-haiku", "small"),
        ("~anthropic/claude-opus-latest", "big"),
        ("us.anthropic.claude-opus-4-8-v1:0", "big"),
        ("claude-fable-5-2", "big"),
        ("claude-mythos-preview", "big"),
        ("databricks-claude-sonnet-5", "medium"),
        ("claude-sonnet-5[1m]", "medium"),
        ("claude-opus-4-8-fast", "big"),
        ("opus", "big"),
        ("sonnet", "medium"),
        ("Haiku", "small"),
        ("fable", "big"),
        ("sonnet[1m]", "medium"),
        ("opusplan", "big"),
        ("best", None),
        ("default", None),
        ("magnum-opus-7b", None),
        ("claude-2.1", None),
        ("gpt-4o", None),
        ("", None),
        ("claude-sonnetish", None),
    ],
)
def test_tier_of_a_name(model: str, expected: str | None) -> None:
    assert tier(model) == expected
