"""The reference pages are what the program says of itself."""

from collections.abc import Callable

import pytest

from dragoman.settings import Settings
from support.golden import ROOT, replace_between
from support.reference import command_line, help_of, settings_table, variable, verbs

INNER = ("environment", "warnings")
SETTINGS = [variable(name) for name in Settings.model_fields if name not in INNER]


@pytest.mark.golden
@pytest.mark.parametrize(("page", "mark", "text"), [("cli", "help", command_line), ("configuration", "settings", settings_table)])
def test_page_is_up_to_date(golden: Callable[[str, str], None], page: str, mark: str, text: Callable[[], str]) -> None:
    path = f"docs/{page}.md"
    golden(path, replace_between((ROOT / path).read_text(encoding="utf-8"), mark, text()))


@pytest.mark.parametrize("verb", list(verbs()), ids=" ".join)
def test_every_option_says_what_it_is_for(verb: tuple[str, ...]) -> None:
    lines = help_of(verb).splitlines()
    options = lines[lines.index("Options:") + 1 :]
    bare = [line for line in options if line.startswith("  -") and len(line.split("  ")) < 3]
    assert bare == []


def test_the_example_names_every_setting() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert [name for name in SETTINGS if f"\n#{name}=" not in text] == []


def test_the_example_sets_nothing_by_itself() -> None:
    assert Settings.load({}, ROOT / ".env.example") == Settings.load({}, ROOT / "no such file")


def test_the_example_can_be_uncommented_whole(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every line of it is a value that is taken, and those of settings are the defaults."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    lines = [line.removeprefix("#") for line in text.splitlines() if "=" in line and not line.startswith("# ")]
    file = tmp_path_factory.mktemp("env") / ".env"
    file.write_text("\n".join(line for line in lines if not line.startswith("FORWARDER_KEY=")), encoding="utf-8")
    loaded = Settings.load({}, file)
    differing = loaded.model_dump().items() - Settings.load({}, file.with_name("none")).model_dump().items()
    assert {name for name, _ in differing} == {"providers_priority"}
