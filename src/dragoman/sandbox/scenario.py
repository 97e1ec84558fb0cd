"""What a scenario can do: the columns of the table. Rule: every column is data, and applies to every dialect alike."""

from typing import Literal

from msgspec import Struct

from dragoman.sandbox.mind import Mood
from dragoman.sandbox.reply import Fault

Place = Literal["", "nothing", "start", "middle", "ending", "last"]
"""Before any byte; after what precedes content; after half of the content; before the ending; before the last frame."""
Then = Literal["end", "hang", "cut", "reset", "error"]
Change = Literal["", "crlf", "gzip", "broken", "blank", "html", "redirect", "error-body"]


class Scenario(Struct, frozen=True, kw_only=True):
    """One row. `does` and `sees` are the documentation. Times in seconds.

    `takes`: what a number at the end of the name sets (`sandbox-late-300ms`). `fault`: the call fails so; with `once` only every
    second call does. `wait`: before the first byte. `pace`: between frames. `keepalives`: sent before the content. `at`, `then`:
    what happens where. `change`: to the bytes. `grain`: bytes in one write, 0 for whatever fits.
    """

    name: str
    does: str
    sees: str
    takes: Literal["", "wait", "pace", "words", "retry_after", "keepalives"] = ""
    fault: Fault | None = None
    once: bool = False
    mood: Mood = ""
    words: int = 0
    usage: Literal["usual", "none", "late"] = "usual"
    wait: float = 0
    pace: float = 0
    keepalives: int = 0
    at: Place = ""
    then: Then = "end"
    change: Change = ""
    grain: int = 0
    strict: bool = False
