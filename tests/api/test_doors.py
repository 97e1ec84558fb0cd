"""Which door a request goes to, of the dialects that are built."""

import json
import re
from pathlib import Path

import pytest

from dragoman.api.doors import Doors
from dragoman.dialects.base import MANY
from dragoman.dialects.registry import CLIENTS
from support.dialogue import good, provider
from support.gateway import Gateway
from support.scripted import Scripted
from support.sdk.paths import paths_of

DOORS = Doors(CLIENTS.values())
ANTHROPIC = (("anthropic-version", "2023-06-01"),)


def filled(pattern: str) -> str:
    """A path of that pattern; what may hold slashes and colons does."""
    return re.sub(r"\{(\w+)\}", lambda name: "a/b:c" if name[1] in MANY else "x", pattern)


@pytest.mark.parametrize("dialect", CLIENTS)
def test_every_door_leads_to_its_dialect(dialect: str) -> None:
    for path in CLIENTS[dialect].paths:
        found = DOORS.find(path.method, filled(path.pattern), ((path.needs, "x"),))
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
        ("/v1/chat/completions", (), "openai-chat", ("GET", "POST")),
        ("/v1/messages", (), "anthropic", ("POST",)),
        ("/v1/nothing", (), "openai-chat", ()),
        ("/v1/nothing", ANTHROPIC, "anthropic", ()),
        ("/api/anthropic/v1/nothing", (), "anthropic", ()),
        ("/v1beta/models/x", (), "gemini", ("GET",)),
        ("/v1beta/models/x:generateContent", (), "gemini", ("POST",)),
    ],
)
def test_where_there_is_no_door_the_caller_is_told_in_its_dialect(
    path: str, headers: tuple[tuple[str, str], ...], dialect: str, known: tuple[str, ...]
) -> None:
    assert DOORS.find("DELETE", path, headers) is None
    assert DOORS.is_near(path)
    found, there = DOORS.near(path, headers)
    assert (found.id, there) == (dialect, known)


def test_what_is_no_dialects_is_not_near() -> None:
    for path in ("/", "/admin/providers", "/v1", "/docs", "/api/else"):
        assert not DOORS.is_near(path)


def test_names_in_patterns_stand_behind_the_first_segment() -> None:
    """By which patterns are found."""
    assert [path.pattern for one in CLIENTS.values() for path in one.paths if "{" in "/".join(path.pattern.split("/")[:2])] == []


async def test_no_door_opens_without_a_key(tmp_path: Path) -> None:
    """Every route there is, enumerated: whoever is unknown is refused, in the dialect's shape, and nobody is asked."""
    async with Scripted(good) as server, Gateway(tmp_path, provider("p", server.url), auth="required") as gateway:
        for dialect in CLIENTS.values():
            for path in dialect.paths:
                headers = {"x-api-key": "wrong", **({path.needs: "x"} if path.needs else {})}
                async with gateway.client() as client:
                    await client.send(filled(path.pattern) + "?key=wrong", b"{}", headers, path.method)
                    reply = await client.head()
                expected = 401 if path.answer is None else path.answer.status
                assert reply.status == expected, (dialect.id, path.method, path.pattern)
        assert not server.requests
        assert gateway.records == []


@pytest.mark.parametrize(
    ("package", "root", "headers", "elsewhere"),
    [
        ("openai", "/v1", (), ("/organization", "/projects", "/webhook_e", "/vaults", "/safety")),
        ("anthropic", "", ANTHROPIC, ("/v1/organizations", "/v1/user_profiles", "/v1/vaults", "/v1/tunnels", "/v1/webhooks")),
    ],
)
def test_whatever_an_official_sdk_asks_has_a_door(
    package: str, root: str, headers: tuple[tuple[str, str], ...], elsewhere: tuple[str, ...]
) -> None:
    """... but for what administers an account, and what is another dialect's."""
    missing = [
        f"{method} {path}"
        for method, path in paths_of(package)
        if not path.startswith(elsewhere) and DOORS.find(method, root + path, headers) is None
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "allow"),
    [
        ("GET", "/v1beta/models/p:generateContent", {}, 404, None),
        ("GET", "/v1beta/models/p:m:streamGenerateContent", {}, 404, None),
        ("GET", "/v1beta/models/p:m", {}, 200, None),
        ("GET", "/v1/models/p:generateContent", {"x-goog-api-key": "x"}, 404, None),
        ("POST", "/v1beta/models/p:fooBar", {}, 404, None),
        ("POST", "/v1/models/p:fooBar", {"x-goog-api-key": "x"}, 404, None),
        ("POST", "/v1beta/models/p:m:fooBar", {}, 404, None),
        ("POST", "/v1beta/models/p", {}, 405, "GET"),
        ("DELETE", "/v1beta/models/p:generateContent", {}, 405, "POST"),
        ("DELETE", "/v1beta/models/p:fooBar", {}, 405, "GET"),
        ("GET", "/v1/messages", {}, 405, "POST"),
        ("PUT", "/v1/chat/completions", {}, 405, "GET, POST"),
    ],
)
async def test_what_stands_at_a_path_is_told_by_its_method(
    tmp_path: Path, method: str, path: str, headers: dict[str, str], status: int, allow: str | None
) -> None:
    """A path of Google's ends in what is done with the model: no model has that name, and nothing else is done."""
    async with Scripted(good) as server, Gateway(tmp_path, provider("p", server.url)) as gateway, gateway.client() as client:
        await client.send(path, b"{}", headers, method)
        reply = await client.read()
    assert (reply.status, reply.headers.get("allow")) == (status, allow)
    if status != 200 and path.startswith(("/v1beta", "/v1/models")):
        assert json.loads(reply.body)["error"]["status"] == "NOT_FOUND"
    assert server.requests == []
