"""Files that are written by the program and read by people: compared in tests, written by `make golden`."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""


def check_golden(path: str, text: str, write: bool) -> None:
    """`path` is relative to the repository. Fails with the first line that differs."""
    file = ROOT / path
    if write:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
        return
    there = file.read_bytes().decode("utf-8") if file.is_file() else ""
    if "\r" not in text:
        there = there.replace("\r\n", "\n")
    assert there == text, f"{path} is out of date ({_first_difference(there, text)}). Run: make golden"


def replace_between(page: str, mark: str, text: str) -> str:
    """The page with `text` between its two marks."""
    before, opening, rest = page.partition(f"<!-- {mark} -->\n")
    _, closing, after = rest.partition(f"<!-- /{mark} -->")
    assert opening, f"<!-- {mark} --> is missing"
    assert closing, f"<!-- /{mark} --> is missing"
    return before + opening + text + closing + after


def _first_difference(there: str, text: str) -> str:
    old, new = there.splitlines(), text.splitlines()
    for number, (left, right) in enumerate(zip(old, new, strict=False), 1):
        if left != right:
            return f"line {number}: {left!r} should be {right!r}"
    return f"{len(old)} lines should be {len(new)}"
