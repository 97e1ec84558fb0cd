"""What the settings make of the relay."""

from pathlib import Path

import pytest

from dragoman.api.live import policy_of
from dragoman.core.errors import ConfigError
from support.store import settings


def test_the_policy_is_as_the_settings_say(tmp_path: Path) -> None:
    policy = policy_of(settings(tmp_path, attempts=3, retry_statuses=" 418, ,520 ", retry_auth=False))
    assert (policy.attempts, policy.retry_statuses, policy.retry_auth) == (3, frozenset({418, 520}), False)


@pytest.mark.parametrize("text", ["x", "99", "600", "-1", "50²", "٤٢٩", "5xx", "500;502", "5 00"])
def test_what_is_no_list_of_statuses(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="DRAGOMAN_RETRY_STATUSES"):
        policy_of(settings(tmp_path, retry_statuses=text))
