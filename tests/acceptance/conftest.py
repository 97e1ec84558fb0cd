"""The running systems that all tests of this folder share. Rule: a test leaves them as it found them."""

from collections.abc import Iterator

import pytest

from support.callers import Caller, bearer
from support.internet import Internet, internet
from support.server import Server, dragoman, serving
from support.store import EXAMPLES
from support.vendors import Vendors

FORWARDER = {
    "OPENAI_API_KEY": "sk-openai-CANARY-1",
    "ANTHROPIC_API_KEY": "sk-ant-api03-CANARY-2",
    "GOOGLE_API_KEY": "AI-google-CANARY-3",
    "GROQ_API_KEY": "gsk_groq-CANARY-4",
    "OPENROUTER_API_KEY": "sk-or-v1-CANARY-5",
    "OLLAMA_API_KEY": "ollama-CANARY-6",
    "OPENAI_BASE_URL": "https://api.openai.com/v1",
    "ANTHROPIC_BASE_URL": "https://api.anthropic.com/v1",
    "OLLAMA_BASE_URL": "http://localhost:11434",
    "PROVIDERS_PRIORITY": "groq,openai,anthropic",
    "OPENAI_MODEL": "gpt-4o-mini",
    "ANTHROPIC_MODEL": "claude-3-haiku-20240307",
    "GOOGLE_MODEL": "gemini-1.5-flash",
    "GROQ_MODEL": "groq:gemma2-9b-it",
    "OPENROUTER_MODEL": "openrouter:openai/gpt-4o-mini",
    "OLLAMA_MODEL": "ollama:llama3",
}
"""AI Forwarder's documented `.env`, with keys that are easy to find again."""


@pytest.fixture(scope="session")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Internet]:
    """The vendors' own addresses."""
    with internet(tmp_path_factory.mktemp("internet")) as there:
        yield there


@pytest.fixture(scope="session")
def forwarder(net: Internet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A server configured by environment variables and one key in the key file, and a client that has it."""
    folder = tmp_path_factory.mktemp("forwarder")
    key = dragoman(folder, ["generate-key"]).stdout.strip()
    with serving(folder, env={**net.environment(), **FORWARDER}, verb="run-server") as server:
        yield Caller(server, bearer(key))


@pytest.fixture(scope="session")
def tired(net: Internet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Another such server, without a key of ours: for tests in which vendors fail and then cool down."""
    with serving(tmp_path_factory.mktemp("tired"), env={**net.environment(), **FORWARDER}) as server:
        yield Caller(server)


@pytest.fixture(scope="session")
def keyed(net: Internet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A server with two vendors' keys in the environment and nothing else: no priority list, no addresses, no models."""
    env = {name: FORWARDER[name] for name in ("GROQ_API_KEY", "ANTHROPIC_API_KEY")}
    with serving(tmp_path_factory.mktemp("keyed"), env={**net.environment(), **env}) as server:
        yield Caller(server)


@pytest.fixture(scope="session")
def broker(net: Internet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with PortBroker's ten example providers, POSTed as documented. Nothing in its environment allows anything."""
    with serving(tmp_path_factory.mktemp("broker"), env=net.environment()) as server:
        for example in EXAMPLES:
            made = server.ask("POST", "/admin/providers", example)
            assert made.status == 201, made.body
        yield server


@pytest.fixture(scope="session")
def vendors() -> Iterator[Vendors]:
    """Providers at http://127.0.0.1:port/..., for those who name them."""
    with Vendors().running() as there:
        yield there


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server where tests make providers for a while (`support.callers.provided`); calls and administration are open."""
    with serving(tmp_path_factory.mktemp("workshop"), env={"DRAGOMAN_ALLOW_PRIVATE": "true"}) as server:
        yield server


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as after a first start: no provider, no key. Only for tests that change nothing."""
    with serving(tmp_path_factory.mktemp("fresh")) as server:
        yield server
