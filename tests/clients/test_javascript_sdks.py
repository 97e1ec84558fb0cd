"""The official JavaScript SDKs, each against a provider of each dialect: the cases are in the scripts beside this file."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from dragoman.wire import json
from support import node
from support.programs import PATIENCE
from support.stack import MODELS, Stack, stacked

CASES = {"plain", "streaming", "tools", "images", "structured", "thinking", "errors"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stacked(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("script", ["openai_chat", "openai_responses", "anthropic", "google_genai"])
def test_every_case(stack: Stack, script: str, model: str, subtests: pytest.Subtests) -> None:
    ran = subprocess.run(
        ["node", str(node.FOLDER / f"{script}.mjs")],
        env=node.with_node({**os.environ, "BASE": stack.gateway, "MODEL": model}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = [json.decode(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    assert {case["name"] for case in told} >= CASES
    for case in told:
        with subtests.test(case["name"]):
            assert case["error"] is None, case["error"]
