"""`learned` against a real server that has learned something."""

from collections.abc import Iterator
from subprocess import CompletedProcess

import pytest

from support.refusing import holding, refusing
from support.scripted import Received, Script
from support.server import Server, dragoman, serving
from support.stack import provider
from support.vendors import Vendors

pytestmark = pytest.mark.e2e
PASSWORD = "the password"
ASKED = {"model": "p:m", "max_tokens": 9, "temperature": 0.5, "messages": [{"role": "user", "content": "Hi"}]}


def part(request: Received) -> Script:
    return refusing("openai-chat", holding("temperature", "Unknown parameter: 'temperature'."))(request)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    vendors, env = Vendors(), {"DRAGOMAN_ALLOW_PRIVATE": "true", "ADMIN_PASSWORD": PASSWORD}
    with vendors.running(), serving(tmp_path_factory.mktemp("learned"), env=env) as running, vendors.plays("m", part):
        import base64

        login = {"authorization": "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()}
        made = running.ask("POST", "/admin/providers", provider("p", "openai", "openai-chat", f"{vendors.url}/v1"), login)
        assert made.status == 201, made.body
        yield running


def learned(server: Server, *arguments: str, password: str = PASSWORD) -> "CompletedProcess[str]":
    return dragoman(server.folder, ["learned", *arguments, "--server", server.base], {"ADMIN_PASSWORD": password})


def test_seen_and_cleared(server: Server) -> None:
    answer = server.ask("POST", "/v1/messages", ASKED)
    assert (answer.status, answer.headers["x-dragoman-attempts"]) == (200, "2")
    (line,) = learned(server, "list").stdout.splitlines()[1:]
    assert line.split()[:4] == ["p", "m", "openai-chat", "temperature"]
    assert "Unknown parameter" in line
    assert server.ask("POST", "/v1/messages", ASKED).headers["x-dragoman-attempts"] == "1"
    cleared = learned(server, "clear", "p")
    assert (cleared.returncode, cleared.stdout) == (0, "what p refused is forgotten\n")
    assert server.ask("POST", "/v1/messages", ASKED).headers["x-dragoman-attempts"] == "2"


def test_what_cannot_be_done_is_one_line(server: Server) -> None:
    refused = learned(server, "list", password="another")
    assert refused.returncode == 5
    assert refused.stderr.startswith("dragoman: 401: ")
    unknown = learned(server, "clear", "nobody")
    assert (unknown.returncode, len(unknown.stderr.splitlines())) == (7, 1)
    nowhere = dragoman(server.folder, ["learned", "list", "--server", "http://127.0.0.1:9"])
    assert (nowhere.returncode, "Is the server running" in nowhere.stderr) == (4, True)
