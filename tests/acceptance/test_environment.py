"""Every variable does what its name says, from the process environment and from `.env`."""

import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.callers import Caller, provided, record, text_of
from support.golden import ROOT
from support.server import dragoman, serving
from support.vendors import TEXT, Vendors

pytestmark = pytest.mark.e2e
PRIVATE = {"DRAGOMAN_ALLOW_PRIVATE": "true"}
PREFIXES = {"OPENAI": "", "ANTHROPIC": "", "GOOGLE": "", "GROQ": "groq:", "OPENROUTER": "openrouter:", "OLLAMA": "ollama:"}
"""Of the variables, and what AI Forwarder writes before the model."""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


# where it listens, what it keeps


@pytest.mark.requirement("S0-16", "S0-17", "S0-15", "S1-8")
def test_host_port_and_database_url(tmp_path: Path) -> None:
    """The folder of the database is made where it is missing."""
    port = free_port()
    env = {"HOST": "localhost", "PORT": str(port), "DATABASE_URL": "sqlite:///./kept/here/portbroker.db"}
    with serving(tmp_path, env=env, bare=True) as server:
        assert server.base in (f"http://localhost:{port}", f"http://127.0.0.1:{port}")
        assert Caller(server).chat("sandbox").status == 200
        assert (tmp_path / "kept" / "here" / "portbroker.db").is_file()
        assert not (tmp_path / "dragoman.db").exists()


@pytest.mark.requirement("S0-19", "S0-4", "D16")
def test_sqlite_is_there_without_any_setting(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.base.startswith("http://127.0.0.1:")
        assert (tmp_path / "dragoman.db").is_file()
    for env in ({"DATABASE_TYPE": "sqlite"}, {"DATABASE_TYPE": "sqlite", "DATABASE_URL": "sqlite:///./portbroker.db"}):
        with serving(tmp_path, env=env) as server:
            assert server.ask("GET", "/admin/providers").json == []


@pytest.mark.requirement("S0-16", "S0-17", "S1-25", "S1-26", "D16")
def test_the_default_is_port_8000_of_this_machine(tmp_path: Path) -> None:
    """Whoever has that port: it is the one that is wanted."""
    with socket.socket() as holder:
        try:
            holder.bind(("127.0.0.1", 8000))
            holder.listen()
        except OSError:
            assert holder.fileno() >= 0
        said = dragoman(tmp_path, ["serve"])
    assert said.returncode == 4
    assert "127.0.0.1 port 8000" in said.stderr


@pytest.mark.requirement("S0-4", "S0-14", "S0-20", "S0-21")
@pytest.mark.parametrize(
    "env",
    [
        {"DATABASE_TYPE": "postgresql", "DATABASE_URL": "postgresql://user:password@localhost/portbroker"},
        {"DATABASE_URL": "postgresql://user:password@localhost/portbroker"},
        {"DATABASE_TYPE": "supabase", "SUPABASE_URL": "https://your-project.supabase.co", "SUPABASE_KEY": "your-anon-key"},
    ],
)
def test_other_databases_are_a_clear_not_yet(tmp_path: Path, env: dict[str, str]) -> None:
    said = dragoman(tmp_path, ["serve", "--port", "0"], env)
    assert (said.returncode, said.stdout) == (3, "")
    assert "not yet" in said.stderr
    assert env.get("DATABASE_TYPE", "postgresql") in said.stderr
    assert "password" not in said.stderr
    assert said.stderr.count("\n") == 1


@pytest.mark.requirement("S0-14", "S1-8")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_TYPE", "oracle"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("PORT", "many"),
        ("LOG_LEVEL", "loud"),
        ("DRAGOMAN_AUTH", "off"),
        ("DRAGOMAN_ATTEMPTS", "0"),
        ("DRAGOMAN_RETRY_STATUSES", "5xx"),
        ("DRAGOMAN_MAX_BODY", "-1"),
    ],
)
def test_a_value_that_cannot_be_is_one_clear_line(tmp_path: Path, name: str, value: str) -> None:
    said = dragoman(tmp_path, ["serve"], {"PORT": "0", name: value})
    assert said.returncode == 3
    assert name in said.stderr
    assert said.stderr.count("\n") == 1


@pytest.mark.requirement("S0-18", "S1-3")
def test_secret_key_encrypts_and_another_one_is_told(tmp_path: Path, vendors: Vendors) -> None:
    """Another secret opens nothing; the server says so and goes on."""
    provider = record("Kept", f"{vendors.url}/kept/v1", models=["kept-model"])
    old, new = ({**PRIVATE, "SECRET_KEY": f"a secret of the {name} days"} for name in ("old", "new"))
    with serving(tmp_path, env=old) as server:
        assert server.ask("POST", "/admin/providers", provider).status == 201
        assert Caller(server).chat("kept-model").status == 200
    assert not list(tmp_path.glob("*.secret"))
    with serving(tmp_path, env=new) as server:
        (shown,) = server.ask("GET", "/admin/providers").json
        assert shown["problem"] is not None
        assert "Kept" in server.said()
        assert Caller(server).chat("kept-model").status in (404, 503)
    with serving(tmp_path, env=old) as server:
        assert Caller(server).chat("kept-model").status == 200
        assert vendors.last.header("authorization") == f"Bearer {provider['api_key']}"


@pytest.mark.requirement("S0-18")
@pytest.mark.skipif(sys.platform == "win32", reason="no such modes there")
def test_without_secret_key_one_is_made_for_the_owner_only(tmp_path: Path) -> None:
    with serving(tmp_path):
        (secret,) = tmp_path.glob("*.secret")
        assert secret.stat().st_mode & 0o777 == 0o600


# .env


@pytest.mark.requirement("S1-21", "S0-12")
def test_the_example_can_be_copied(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    with serving(tmp_path) as server:
        assert Caller(server).chat("sandbox").status == 200


@pytest.mark.requirement("S0-12", "S1-8", "S1-41")
def test_dotenv_is_loaded_and_the_environment_beats_it(tmp_path: Path, vendors: Vendors) -> None:
    lines = [
        *("PORT=0", "DATABASE_URL=sqlite:///./from_file.db", "DRAGOMAN_ALLOW_PRIVATE=true", "OPENAI_API_KEY=sk-from-the-file"),
        *(f'OPENAI_BASE_URL="{vendors.url}/dotenv/v1"', "KEYS_FILE=from_file.txt"),
    ]
    (tmp_path / ".env").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "from_env.txt").write_text("fwd_a_key_of_the_file_from_env\n", encoding="utf-8")
    with serving(tmp_path, env={"KEYS_FILE": "from_env.txt"}, bare=True) as server:
        assert (tmp_path / "from_file.db").is_file()
        assert Caller(server).chat("gpt-4o-mini").status == 401
        caller = Caller(server, {"x-api-key": "fwd_a_key_of_the_file_from_env"})
        assert text_of(caller.chat("gpt-4o-mini")) == TEXT
        assert (vendors.last.place, vendors.last.header("authorization")) == ("dotenv", "Bearer sk-from-the-file")


@pytest.mark.requirement("S3-19", "S3-20", "D16")
def test_a_shell_set_up_for_claude_code_is_no_trap(tmp_path: Path, vendors: Vendors) -> None:
    """ANTHROPIC_BASE_URL and ANTHROPIC_MODEL are the client's there: `.env` wins for these two, with a warning."""
    (tmp_path / ".env").write_text(f"ANTHROPIC_BASE_URL={vendors.url}/mine\nANTHROPIC_MODEL=claude-mine\n", encoding="utf-8")
    shell = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:1", "ANTHROPIC_MODEL": "claude-shell", "ANTHROPIC_API_KEY": "sk-ant-1"}
    with serving(tmp_path, env={**PRIVATE, **shell, "PROVIDERS_PRIORITY": "anthropic"}) as server:
        assert "ANTHROPIC_BASE_URL" in server.said()
        assert text_of(Caller(server).messages()) == TEXT
        assert (vendors.last.place, vendors.last.body["model"]) == ("mine", "claude-mine")


@pytest.mark.requirement("D16", "S3-19")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_provider_that_is_this_server_is_skipped_with_a_warning(tmp_path: Path, host: str) -> None:
    port = free_port()
    env = {**PRIVATE, "ANTHROPIC_BASE_URL": f"http://{host}:{port}", "ANTHROPIC_API_KEY": "sk-ant-1"}
    with serving(tmp_path, "--port", str(port), env=env) as server:
        called = Caller(server).messages("claude-3-5-haiku-20241022")
        assert called.status in (200, 404, 503)
        assert called.headers.get("x-dragoman-target", "sandbox:").startswith("sandbox:")
        assert "itself" in server.said() or "this server" in server.said()


# providers


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, vendors: Vendors) -> Iterator[Caller]:
    """Every provider of the environment sent to another address, each written in another form; models of its own."""
    ends = {
        "OPENAI": "/v1",
        "ANTHROPIC": "/v1",
        "GOOGLE": "/v1beta/openai",
        "GROQ": "/openai/v1",
        "OPENROUTER": "/api/v1",
        "OLLAMA": "",
    }
    env = {f"{name}_BASE_URL": f"{vendors.url}/{name.lower()}{end}" for name, end in ends.items()}
    env |= {f"{name}_API_KEY": f"key-of-{name}" for name in ends if name != "OLLAMA"}
    env |= {f"{name}_MODEL": f"{prefix}{name.lower()}-own-model" for name, prefix in PREFIXES.items()}
    env["PROVIDERS_PRIORITY"] = "nobody, openrouter ,groq"
    with serving(tmp_path_factory.mktemp("elsewhere"), env={**PRIVATE, **env}) as server:
        yield Caller(server)


@pytest.mark.requirement("S1-42", "S1-44", "S1-41")
@pytest.mark.parametrize(
    ("word", "path", "header"),
    [
        ("openai", "/openai/v1/chat/completions", "authorization"),
        ("anthropic", "/anthropic/v1/messages", "x-api-key"),
        ("google", "/google/v1beta/openai/chat/completions", "authorization"),
        ("groq", "/groq/openai/v1/chat/completions", "authorization"),
        ("openrouter", "/openrouter/api/v1/chat/completions", "authorization"),
        ("ollama", "/ollama/v1/chat/completions", None),
    ],
)
def test_base_url_sends_a_provider_elsewhere(
    elsewhere: Caller, vendors: Vendors, word: str, path: str, header: str | None
) -> None:
    """Its own model is asked by its bare name, with its own key; Ollama needs none."""
    assert text_of(elsewhere.chat(f"{word}-own-model")) == TEXT
    assert (vendors.last.path, vendors.last.body["model"]) == (path, f"{word}-own-model")
    sent = {name: vendors.last.header(name) for name in ("authorization", "x-api-key")}
    key = f"key-of-{word.upper()}"
    wanted = {} if header is None else {header: f"Bearer {key}" if header == "authorization" else key}
    assert {name: value for name, value in sent.items() if value is not None} == wanted


@pytest.mark.requirement("S1-43", "S1-44")
def test_the_priority_list_is_obeyed_and_an_unknown_name_in_it_is_told(elsewhere: Caller, vendors: Vendors) -> None:
    assert text_of(elsewhere.chat()) == TEXT
    assert (vendors.last.place, vendors.last.body["model"]) == ("openrouter", "openrouter-own-model")
    told = next(line for line in elsewhere.server.said().splitlines() if "PROVIDERS_PRIORITY" in line)
    assert "nobody" in told
    assert all(name in told for name in ("openai", "anthropic", "google", "groq", "openrouter", "ollama"))


@pytest.mark.requirement("S1-41", "D15")
def test_providers_of_the_environment_are_listed_and_read_only(elsewhere: Caller) -> None:
    listed = elsewhere.get("/admin/providers").json
    assert {one["slug"] for one in listed} == {name.lower() for name in PREFIXES}
    assert {one["source"] for one in listed} == {"env"}
    path = f"/admin/providers/{listed[0]['id']}"
    assert elsewhere.server.ask("PUT", path, {"priority": 1}).status == 409
    assert elsewhere.server.ask("DELETE", path).status == 409


@pytest.mark.requirement("D16")
def test_a_database_record_hides_the_environments_of_its_name(elsewhere: Caller, vendors: Vendors) -> None:
    with provided(elsewhere.server, record("Groq", f"{vendors.url}/mine/v1", "groq", models=["groq-of-the-database"])):
        assert text_of(elsewhere.chat("groq:groq-of-the-database")) == TEXT
        assert vendors.last.place == "mine"
        assert [one["source"] for one in elsewhere.get("/admin/providers").json if one["slug"] == "groq"] == ["database"]
    assert text_of(elsewhere.chat("groq:any")) == TEXT
    assert vendors.last.place == "groq"
