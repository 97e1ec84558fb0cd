import pytest

from dragoman.providers.masking import is_secret, masked, unmasked

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
