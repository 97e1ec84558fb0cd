"""Every row of the table, in every dialect, whole and streaming, as it comes over the socket."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dragoman.sandbox import Sandbox
from dragoman.sandbox.scenarios import NAMES, SCENARIOS, scenario_of, table
from support.dialogue import provider
from support.gateway import Gateway
from support.golden import ROOT, replace_between
from support.sandbox import DIALECTS, GEMINI, GEMINI_ARRAY, OLLAMA, Raw, say
from support.scenario_looks import LOOKS, STATUSES, message_of

WAYS = [(path, stream) for path in DIALECTS for stream in (False, True)] + [(GEMINI_ARRAY, True)]


@pytest.mark.parametrize(("path", "stream"), WAYS)
@pytest.mark.parametrize("name", NAMES)
async def test_every_scenario_does_what_the_table_says(sandbox: Sandbox, name: str, path: str, stream: bool) -> None:
    model, check = LOOKS[name]
    check(await say(sandbox, path, model, stream=stream, patience=0.05 if "hang" in name else 5.0), path, stream)


@pytest.mark.parametrize("path", DIALECTS)
@pytest.mark.parametrize("name", ["sandbox-429-once", "sandbox-503-once"])
async def test_once_means_every_second_call(sandbox: Sandbox, name: str, path: str) -> None:
    statuses = [(await say(sandbox, path, name)).status for _ in range(4)]
    assert statuses == [STATUSES[name], 200, STATUSES[name], 200]


@pytest.mark.parametrize(("attempts", "statuses"), [(1, [503, 200, 503, 200]), (2, [200, 200, 200, 200])])
async def test_a_client_sees_the_first_of_two_where_nobody_tries_again(
    sandbox: Sandbox, tmp_path: Path, attempts: int, statuses: list[int]
) -> None:
    record = provider("p", f"http://127.0.0.1:{sandbox.port}", provider_type="custom")
    async with Gateway(tmp_path, record, attempts=attempts) as gateway:
        assert [(await gateway.chat("p:sandbox-503-once")).status for _ in statuses] == statuses


@pytest.mark.parametrize("path", DIALECTS)
async def test_rate_limits_tell_when_to_come_back(sandbox: Sandbox, path: str) -> None:
    def told(raw: Raw) -> str | None:
        if path != GEMINI:
            return raw.headers.get("retry-after")
        kinds = {detail["@type"].rpartition(".")[2]: detail for detail in raw.json["error"]["details"]}
        return str(kinds["RetryInfo"]["retryDelay"]).rstrip("s") if "RetryInfo" in kinds else None

    raw = await say(sandbox, path, "sandbox-429")
    assert told(raw) == "1"
    assert "try again in 1s" in message_of(raw.json)
    assert told(await say(sandbox, path, "sandbox-429-30s")) == "30"
    assert told(await say(sandbox, path, "sandbox-quota")) is None


@pytest.mark.parametrize("path", [path for path in DIALECTS if path != OLLAMA])
async def test_strict_names_the_member_that_the_vendor_does_not_know(sandbox: Sandbox, path: str) -> None:
    """Ollama ignores what it does not know, always."""
    assert (await say(sandbox, path, "sandbox", made_up=1)).status == 200
    raw = await say(sandbox, path, "sandbox-strict", made_up=1)
    assert raw.status == 400
    assert ("madeUp" if path == GEMINI else "made_up") in message_of(raw.json)


@pytest.mark.parametrize(
    ("model", "member", "value"),
    [
        ("sandbox-late-300ms", "wait", 0.3),
        ("sandbox-late-2s", "wait", 2.0),
        ("sandbox-slow-20", "pace", 0.02),
        ("sandbox-long-7", "words", 7),
        ("sandbox-comments-1", "keepalives", 1),
    ],
)
def test_a_number_at_the_end_sets_what_the_row_takes(model: str, member: str, value: float) -> None:
    assert getattr(scenario_of(model), member) == pytest.approx(value)


@pytest.mark.parametrize("model", ["gpt-5.2", "sandbox-500-3", "sandbox-long-5ms", "sandbox-nothing", "xsandbox-429", ""])
def test_any_other_name_behaves_well(model: str) -> None:
    assert scenario_of(model).name == "sandbox"


def test_names_are_unique_and_documented() -> None:
    assert len(set(NAMES)) == len(SCENARIOS)
    assert all(row.does.endswith(".") and row.sees.endswith(".") for row in SCENARIOS)


@pytest.mark.golden
def test_the_documents_table_is_the_table(golden: Callable[[str, str], None]) -> None:
    page = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8")
    golden("docs/sandbox.md", replace_between(page, "scenarios", table()))
