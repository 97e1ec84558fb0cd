"""What the sandbox remembers is bounded."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.sandbox.memory import Shelf


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 60)), max_size=40))
def test_never_more_than_may_be_and_the_newest_always(puts: list[tuple[str, int]]) -> None:
    shelf: Shelf[int] = Shelf(most=4, most_bytes=100)
    sizes: dict[str, int] = {}
    for id_, size in puts:
        shelf.put(id_, size, size)
        sizes[id_] = size
        kept = list(shelf)
        assert len(kept) <= 4
        assert sum(kept) <= max(100, size)
        assert shelf.get(id_) == size


def test_the_oldest_goes_first() -> None:
    shelf: Shelf[str] = Shelf(most=2)
    for id_ in "abc":
        shelf.put(id_, id_)
    assert list(shelf) == ["b", "c"]
    assert shelf.get("a") is None
    assert shelf.pop("b") == "b"
    assert shelf.pop("b") is None


def test_one_that_is_larger_than_all_is_kept_alone() -> None:
    shelf: Shelf[str] = Shelf(most_bytes=10)
    shelf.put("a", "a", 5)
    shelf.put("b", "b", 50)
    assert list(shelf) == ["b"]
