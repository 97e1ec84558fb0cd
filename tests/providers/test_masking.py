import pytest

from dragoman.providers.masking import is_secret, masked, masked_url, unmasked

STORED = (("Authorization", "Bearer abcdefgh1234"), ("X-Title", "App"), ("X-Auth-Token", "short"))


@pytest.mark.parametrize(
    "name", ["Authorization", "X-API-Key", "api-key", "X-Auth-Token", "cf-aig-authorization", "Secret", "key"]
)
def test_secret_names(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["X-Title", "HTTP-Referer", "anthropic-version", "monkey"])
def test_other_names(name: str) -> None:
    assert not is_secret(name)


def test_credentials_are_masked_and_come_back() -> None:
    shown = masked(STORED)
    assert shown == {"Authorization": "...1234", "X-Title": "App", "X-Auth-Token": "..."}
    assert unmasked(shown, STORED) == dict(STORED)
    assert unmasked({**shown, "Authorization": "new"}, STORED)["Authorization"] == "new"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x.example/v1", "https://x.example/v1"),
        ("https://x.example/v1?alt=sse", "https://x.example/v1?alt=sse"),
        ("https://x.example/v1?key=AIza&alt=sse", "https://x.example/v1?key=...&alt=sse"),
        ("https://x.example/v1?api-version=1&X-Amz-Signature=ab=c&a", "https://x.example/v1?api-version=1&X-Amz-Signature=...&a"),
    ],
)
def test_a_url_is_shown_without_credentials(url: str, shown: str) -> None:
    assert masked_url(url) == shown
