"""Who issued an id, and how long that is remembered."""

from dragoman.relay import issued
from dragoman.relay.issued import Issued


def test_answers_do_not_drive_out_things() -> None:
    memory = Issued()
    memory.thing("file-1", "p1")
    for number in range(issued.KEPT + 1):
        memory.answer(f"resp_{number}", "p2")
    assert (memory.by("file-1"), memory.by("resp_0"), memory.by("resp_1"), memory.by("unknown")) == ("p1", None, "p2", None)


def test_what_is_used_is_kept_and_the_last_to_tell_is_believed() -> None:
    memory = Issued()
    memory.thing("old", "p1")
    for number in range(issued.KEPT - 1):
        memory.thing(str(number), "p2")
    assert memory.by("old") == "p1"
    memory.thing("one more", "p2")
    assert (memory.by("old"), memory.by("0")) == ("p1", None)
    memory.thing("old", "p3")
    assert memory.by("old") == "p3"
