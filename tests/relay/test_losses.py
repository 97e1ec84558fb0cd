"""The header of losses, read by the rules of RFC 9651."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.loss import Loss, LossKind
from dragoman.relay.losses import LIMIT, render
from support.blanks import like
from support.golden import ROOT
from support.pages import blocks


def test_the_example_of_the_documentation() -> None:
    losses = [Loss("/messages/3/content/0/citations", LossKind.DROPPED), Loss("/top_k", LossKind.DROPPED)]
    assert render(losses) == '"/top_k";kind=dropped, "/messages/3/content/0/citations";kind=dropped'


def test_nothing_lost_is_no_header() -> None:
    assert render([]) == ""


def test_hints_come_last_and_top_level_members_first() -> None:
    losses = [
        Loss("/store", LossKind.HINT),
        Loss("/messages/0/name", LossKind.DROPPED),
        Loss("/stop_sequences", LossKind.APPROXIMATED),
    ]
    assert render(losses) == '"/stop_sequences";kind=approximated, "/messages/0/name";kind=dropped, "/store";kind=hint'


def test_the_same_member_lost_in_many_places_is_told_once_at_its_first() -> None:
    losses = [Loss(f"/messages/{place}/name", LossKind.DROPPED) for place in (2, 5, 9)]
    assert render(losses) == '"/messages/2/name";kind=dropped'


def test_a_form_hides_nothing_that_is_dropped_elsewhere() -> None:
    """A namespace is told tool by tool, a search of the vendor's own is gone: both are tools."""
    losses = [Loss("/tools/0", LossKind.APPROXIMATED), Loss("/tools/3", LossKind.DROPPED), Loss("/tools/4", LossKind.DROPPED)]
    assert render(losses) == '"/tools/0";kind=approximated, "/tools/3";kind=dropped'


def test_what_is_not_ascii_is_a_display_string() -> None:
    assert render([Loss('/é"%', LossKind.DROPPED)]) == '%"/%c3%a9%22%25";kind=dropped'


def test_quotes_and_backslashes_are_escaped() -> None:
    assert render([Loss('/a"b\\c', LossKind.DROPPED)]) == '"/a\\"b\\\\c";kind=dropped'


def test_what_does_not_fit_is_counted() -> None:
    told = render([Loss(f"/member_number_{chr(97 + place % 26)}{place}", LossKind.DROPPED) for place in range(200)])
    items = told.split(", ")
    assert len(told) <= LIMIT
    assert items[-1] == f"more;n={200 - (len(items) - 1)}"


@given(st.lists(st.builds(Loss, st.text(), st.sampled_from(list(LossKind))), max_size=80))
def test_always_ascii_on_one_line_within_the_limit(losses: list[Loss]) -> None:
    told = render(losses)
    assert len(told) <= LIMIT
    assert all(" " <= char <= "~" for char in told)


def documented() -> Any:
    """The reader that docs/losses.md shows."""
    (block,) = [block for block in blocks(ROOT / "docs" / "losses.md") if block.language == "python"]
    names: dict[str, Any] = {}
    exec(block.text, names)
    return names["losses"]


READ = documented()


@given(st.lists(st.builds(Loss, st.text(min_size=1), st.sampled_from(list(LossKind))), max_size=60))
def test_the_documented_reader_reads_it(losses: list[Loss]) -> None:
    found, more = READ(render(losses))
    once = {loss.path: loss for loss in reversed(losses)}
    assert found.items() <= {(path, loss.kind.value) for path, loss in once.items()}
    assert len(found) + more == len({(like(path), loss.kind) for path, loss in once.items()})


def test_the_documented_reader_and_the_example_beside_it() -> None:
    page = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8")
    shown = page.partition("\nx-dragoman-losses: ")[2].partition("\n")[0]
    assert READ(shown) == ({"/top_k": "dropped", "/messages/0/content/1/cache_control": "hint"}, 12)
    assert READ("") == ({}, 0)
