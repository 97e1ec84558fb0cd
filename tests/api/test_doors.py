"""Which door a request goes to, of the dialects that are built."""

import pytest

from dragoman.api.doors import Doors
from dragoman.dialects.registry import CLIENTS

DOORS = Doors(CLIENTS.values())
ANTHROPIC = (("anthropic-version", "2023-06-01"),)


@pytest.mark.parametrize("dialect", CLIENTS)
def test_every_door_leads_to_its_dialect(dialect: str) -> None:
    for path in CLIENTS[dialect].paths:
        found = DOORS.find(path.method, path.pattern.replace("{model}", "a/b:c"), ((path.needs, "x"),))
        assert found is not None
        shared = [other.id for other in CLIENTS.values() if any(door.pattern == path.pattern for door in other.paths)]
        assert found[0].dialect.id in shared
        assert found[0].path.operation == path.operation
        assert found[1] == ("a/b:c" if "{model}" in path.pattern else "")


def test_a_path_that_dialects_share_goes_to_who_asks() -> None:
    for path in ("/v1/models", "/v1/models/openai/gpt-5.2"):
        for headers, dialect in (((), "openai-chat"), (ANTHROPIC, "anthropic")):
            found = DOORS.find("GET", path, headers)
            assert found is not None
            assert found[0].dialect.id == dialect


@pytest.mark.parametrize(
    ("path", "headers", "dialect", "known"),
    [
        ("/v1/chat/completions", (), "openai-chat", True),
        ("/v1/messages", (), "anthropic", True),
        ("/v1/nothing", (), "openai-chat", False),
        ("/v1/nothing", ANTHROPIC, "anthropic", False),
        ("/api/anthropic/v1/nothing", (), "anthropic", False),
    ],
)
def test_where_there_is_no_door_the_caller_is_told_in_its_dialect(
    path: str, headers: tuple[tuple[str, str], ...], dialect: str, known: bool
) -> None:
    assert DOORS.find("DELETE", path, headers) is None
    assert DOORS.is_near(path)
    found, there = DOORS.near(path, headers)
    assert (found.id, there) == (dialect, known)


def test_what_is_no_dialects_is_not_near() -> None:
    for path in ("/", "/admin/providers", "/v1", "/docs", "/api/else"):
        assert not DOORS.is_near(path)
