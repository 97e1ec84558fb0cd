"""The command line as a user types it: every verb that replaces an old command, with its options."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.callers import Caller, bearer, provided, record, soon, text_of
from support.server import PATIENCE, Server, dragoman, environment, serving
from support.vendors import TEXT, Vendors

pytestmark = pytest.mark.e2e


@pytest.mark.requirement("S1-9", "S1-37")
@pytest.mark.parametrize("program", [["--help"], ["-h"]])
def test_help_names_every_verb(tmp_path: Path, program: list[str]) -> None:
    said = dragoman(tmp_path, program)
    assert said.returncode == 0
    for verb in ("serve", "run-server", "generate-key", "call", "keys", "providers", "explain", "sandbox"):
        assert re.search(rf"^  {verb} ", said.stdout, re.MULTILINE), verb


@pytest.mark.requirement("S1-9", "S1-37", "S1-22")
def test_it_is_a_module_too(tmp_path: Path) -> None:
    def module(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "dragoman", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    assert "run-server" in module("--help").stdout
    assert module("generate-key").stdout.startswith("fwd_")
    assert (tmp_path / "keys" / "forwarder_api_keys.txt").is_file()


@pytest.mark.requirement("S1-24", "S1-25", "S1-26", "S1-28", "S1-29")
def test_run_server_with_all_its_options(tmp_path: Path) -> None:
    options = ["--host", "127.0.0.1", "--port", "0", "--reload", "--log-level", "debug"]
    with serving(tmp_path, *options, verb="run-server") as server:
        assert text_of(Caller(server).chat("sandbox")) == "You said: Hello"


@pytest.mark.requirement("S1-27", "S0-74", "S3-29")
@pytest.mark.skipif(sys.platform == "win32", reason="the supervisor is ended by a signal here")
def test_reload_starts_anew_when_the_code_changes(tmp_path: Path) -> None:
    """On a copy of the house, so that nothing here is touched; the socket stays, so the address does."""
    import shutil

    import dragoman as house

    copy = tmp_path / "code" / "dragoman"
    shutil.copytree(Path(str(house.__file__)).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with serving(tmp_path, "--reload", env={"PYTHONPATH": str(copy.parent)}) as server:
        before = soon(lambda: server.ask("GET", "/info").json, lambda info: "uptime_seconds" in info)
        version = copy / "__init__.py"
        version.write_text(version.read_text(encoding="utf-8").replace(before["version"], "9.9.9"), encoding="utf-8")

        def told() -> str:
            # Again and again: the supervisor does not see what changed before its first look.
            os.utime(version)
            try:
                return str(server.ask("GET", "/info").json["version"])
            except OSError:
                return ""

        soon(told, lambda found: found == "9.9.9")


@pytest.mark.requirement("S1-26", "S1-24")
def test_the_banner_says_how_to_go_on(fresh: Server) -> None:
    said = fresh.said()
    assert f"listens on {fresh.base}" in said
    assert f"ANTHROPIC_BASE_URL={fresh.base}" in said
    assert f"base_url {fresh.base}/v1" in said
    assert f"curl {fresh.base}/v1/chat/completions" in said


@pytest.mark.requirement("S1-9", "S1-24")
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_a_signal_ends_the_server(tmp_path: Path) -> None:
    with serving(tmp_path, verb="run-server") as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) in (0, -signal.SIGTERM)


# call


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory, vendors: Vendors) -> Iterator[Server]:
    """A server with one provider and a key that is in its FORWARDER_KEY file for the verb."""
    folder = tmp_path_factory.mktemp("called")
    with serving(folder, env={"DRAGOMAN_ALLOW_PRIVATE": "true"}) as server:
        provider = record("vendor", f"{vendors.url}/called/v1", medium_model="medium-one", models=["other-one"])
        with provided(server, provider):
            yield server


def call(server: Server, *arguments: str, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    return dragoman(server.folder, ["call", *arguments, "--server", server.base], env)


@pytest.mark.requirement("S1-9", "S1-30", "S1-33", "S1-31")
def test_call_prints_the_answer_and_then_what_it_cost(called: Server, vendors: Vendors) -> None:
    """Without --model the server's fallback answers. The answer alone is on stdout."""
    said = call(called, "Tell me a joke about APIs.")
    assert (said.returncode, said.stdout.strip()) == (0, TEXT)
    assert vendors.last.body["messages"] == [{"role": "user", "content": "Tell me a joke about APIs."}]
    assert vendors.last.body["model"] == "medium-one"
    assert vendors.last.body["stream"] is True
    assert "vendor:medium-one" in said.stderr
    assert "9 tokens in, 4 out" in said.stderr
    assert re.search(r"\d+\.\d s", said.stderr)


@pytest.mark.requirement("S1-31", "S1-34", "S1-35", "S1-36")
@pytest.mark.parametrize(("model", "temp", "system"), [("--model", "--temp", "--system"), ("-m", "-t", "-s")])
def test_calls_options(called: Server, vendors: Vendors, model: str, temp: str, system: str) -> None:
    said = call(called, "Hi", model, "other-one", temp, "0.3", "--max-tok", "77", system, "Be brief.")
    assert said.returncode == 0, said.stderr
    body = vendors.last.body
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("other-one", 0.3, 77)
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]


@pytest.mark.requirement("S1-32", "S1-45", "S1-33")
def test_calls_key_is_an_option_or_forwarder_key(called: Server) -> None:
    made = called.ask("POST", "/admin/api-keys", {"name": "for the verb"}).json
    try:
        refused = call(called, "Hi")
        assert (refused.returncode, refused.stdout) == (5, "")
        assert call(called, "Hi", "--key", made["key"]).returncode == 0
        assert call(called, "Hi", env={"FORWARDER_KEY": made["key"]}).returncode == 0
        assert call(called, "Hi", "-k", made["key"], env={"FORWARDER_KEY": "fwd_wrong_wrong_wrong"}).returncode == 0
    finally:
        called.ask("DELETE", f"/admin/api-keys/{made['id']}")


@pytest.mark.requirement("S1-30", "S1-33")
def test_calls_prompt_is_required_and_its_server_is_the_default_one(tmp_path: Path, called: Server) -> None:
    assert dragoman(tmp_path, ["call"]).returncode == 2
    unreached = dragoman(tmp_path, ["call", "Hi"], {"PORT": "1"})
    assert unreached.returncode == 4
    assert "http://127.0.0.1:1" in unreached.stderr
    assert unreached.stderr.count("\n") == 1
    assert "http://127.0.0.1:8000" in dragoman(tmp_path, ["call", "--help"]).stdout
    assert dragoman(tmp_path, ["call", "Hi"], {"PORT": called.base.rpartition(":")[2]}).stdout.strip() == TEXT


@pytest.mark.requirement("S1-9")
def test_errors_are_one_line_and_exit_codes_differ_by_cause(tmp_path: Path, called: Server, vendors: Vendors) -> None:
    codes = {
        "usage": dragoman(tmp_path, ["serve", "--no-such-option"]),
        "config": dragoman(tmp_path, ["serve"], {"DATABASE_TYPE": "oracle"}),
        "connect": dragoman(tmp_path, ["call", "Hi", "--server", "http://127.0.0.1:1"]),
        "missing": dragoman(tmp_path, ["providers", "remove", "nobody"]),
    }
    with vendors.plays("broken", lambda _: [b"garbage\r\n\r\n"]):
        codes["failed"] = call(called, "Hi", "-m", "vendor:broken")
    wanted = {"usage": 2, "config": 3, "connect": 4, "missing": 7, "failed": 6}
    assert {name: said.returncode for name, said in codes.items()} == wanted
    for said in codes.values():
        assert said.stderr.strip().count("\n") == 0
        assert "Traceback" not in said.stderr


# providers, explain


@pytest.mark.requirement("S0-5", "S0-59", "D16")
def test_a_running_server_honours_what_the_verbs_change(tmp_path: Path, vendors: Vendors) -> None:
    with serving(tmp_path, env={"DRAGOMAN_ALLOW_PRIVATE": "true"}) as server:
        env = {"DRAGOMAN_ALLOW_PRIVATE": "true"}
        added = dragoman(
            tmp_path,
            [
                *(
                    "providers",
                    "add",
                    "Near By",
                    "--base-url",
                    f"{vendors.url}/near/v1",
                    "--api-key",
                    "-",
                    "--small-model",
                    "tiny",
                ),
                *("--header", "X-Own: yes", "--priority", "5", "--timeout", "9", "--model", "more", "--dialect", "openai-chat"),
            ],
            env,
            stdin="sk-from-stdin-0123\n",
        )
        assert added.returncode == 0, added.stderr
        reply = soon(
            lambda: Caller(server).chat("near-by:tiny"), lambda found: found.headers.get("x-dragoman-target") == "near-by:tiny"
        )
        assert text_of(reply) == TEXT
        assert (vendors.last.header("x-own"), vendors.last.header("authorization")) == ("yes", "Bearer sk-from-stdin-0123")
        listed = dragoman(tmp_path, ["providers", "list"], env).stdout
        assert "near-by" in listed
        assert "sk-from-stdin" not in listed
        tested = dragoman(tmp_path, ["providers", "test", "near-by"], env)
        assert (tested.returncode, "near-by:tiny" in tested.stdout) == (0, True), tested.stderr
        explained = dragoman(tmp_path, ["explain", "tiny"], env).stdout
        assert re.search(r"^rule +model", explained, re.MULTILINE)
        assert "near-by:tiny" in explained
        assert dragoman(tmp_path, ["providers", "remove", "near-by"], env).returncode == 0
        soon(lambda: Caller(server).chat("near-by:tiny").status, lambda status: status != 200)


@pytest.mark.requirement("S0-59", "S1-9")
def test_a_provider_that_fails_its_test_says_why(tmp_path: Path) -> None:
    dragoman(
        tmp_path,
        ["providers", "add", "ollama", "--base-url", "http://127.0.0.1:1", "--small-model", "x", "--api-key", "sk-secret-1"],
    )
    said = dragoman(tmp_path, ["providers", "test", "ollama"])
    assert said.returncode == 4
    assert "sk-secret" not in said.stderr + said.stdout
    assert said.stderr.count("\n") == 1


@pytest.mark.requirement("D8")
@pytest.mark.parametrize(
    ("model", "rule", "first"),
    [
        ("groq:x", "provider:model", "groq:x"),
        ("groq/x", "provider/model", "groq:x"),
        ("gpt-4o", "family", "openai:gpt-4o"),
        ("gpt-own", "model", "openai:gpt-own"),
        ("", "priority", "openai:gpt-own"),
    ],
)
def test_explain_tells_the_rule_and_the_plan(tmp_path: Path, model: str, rule: str, first: str) -> None:
    env = {"GROQ_API_KEY": "gsk", "OPENAI_API_KEY": "sk", "OPENAI_MODEL": "gpt-own", "PROVIDERS_PRIORITY": "openai,groq"}
    said = dragoman(tmp_path, ["explain", *([model] if model else [])], env)
    assert said.returncode == 0, said.stderr
    assert re.search(rf"^rule +{re.escape(rule)}:", said.stdout, re.MULTILINE), said.stdout
    rows = [line.split() for line in said.stdout.splitlines()]
    assert [row[1] for row in rows if row[:1] == ["1"]] == [first]


@pytest.mark.requirement("D17", "S1-9")
def test_the_sandbox_alone(tmp_path: Path) -> None:
    with serving(tmp_path, verb="sandbox") as sandbox:
        caller = Caller(sandbox, {"anthropic-version": "2023-06-01", **bearer("any")})
        assert "Hello" in text_of(caller.chat("any-name"))
        assert "Hello" in text_of(caller.messages("any-name"))
        assert caller.chat("sandbox-503").status == 503


@pytest.mark.requirement("S1-19")
def test_no_verb_leaves_anything_outside_its_folder(tmp_path: Path) -> None:
    """Keys, database and secret are below the working directory, under names that every system takes."""
    folder = tmp_path / "a folder with spaces"
    folder.mkdir()
    with serving(folder):
        dragoman(folder, ["generate-key"])
        dragoman(folder, ["keys", "create"])
    names = [file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*")]
    assert all(name.startswith(folder.name) for name in names)
    assert not any(re.search(r'[<>:"|?*\\]', name) for name in names)
    assert os.listdir(tmp_path) == [folder.name]
