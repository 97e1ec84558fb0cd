"""Which door of which dialect a request goes to. Rule: the dialects' own tables say it (`Dialect.paths`); nothing here knows one.

A path that several dialects have goes to the one that claims its client, else to the last of them that claims nobody.
"""

import re
from collections.abc import Iterable

from msgspec import Struct

from dragoman.core.request import Headers
from dragoman.dialects.base import Dialect, Path, compiled


class Door(Struct, frozen=True):
    """One operation of one dialect."""

    dialect: Dialect
    path: Path


class _Pattern(Struct, frozen=True):
    regex: re.Pattern[str]
    doors: tuple[Door, ...]


class Doors:
    """Of these dialects, in their order."""

    def __init__(self, dialects: Iterable[Dialect]) -> None:
        self._exact: dict[tuple[str, str], tuple[Door, ...]] = {}
        patterns: dict[tuple[str, str], tuple[Door, ...]] = {}
        for dialect in dialects:
            for path in dialect.paths:
                kept = patterns if "{" in path.pattern else self._exact
                wanted = (path.method, path.pattern)
                kept[wanted] = (*kept.get(wanted, ()), Door(dialect, path))
        self._patterns: dict[tuple[str, str], list[_Pattern]] = {}
        for (method, pattern), doors in sorted(patterns.items(), key=lambda item: _generality(item[0][1])):
            found = _Pattern(compiled(pattern), doors)
            beginning = next(known for known in _beginnings(pattern) if "{" not in known)
            self._patterns.setdefault((method, beginning), []).append(found)
        self._roots = tuple(sorted({_root(door.path.pattern) for doors in self._every() for door in doors}))

    def find(self, method: str, path: str, headers: Headers) -> tuple[Door, str] | None:
        """The door, and what stands for `{model}` in its path; None where there is none."""
        found = self._exact.get((method, path))
        if found is not None:
            door = _of(found, headers)
            return None if door is None else (door, "")
        for beginning in _beginnings(path):
            for pattern in self._patterns.get((method, beginning), ()):
                match = pattern.regex.fullmatch(path)
                if match is not None and (door := _of(pattern.doors, headers)) is not None:
                    return door, match.groupdict().get("model", "")
        return None

    def near(self, path: str, headers: Headers) -> tuple[Dialect, tuple[str, ...]]:
        """For a path that `is_near` and has no door for its method: (whose client asks, the methods that there are doors for)."""
        there = self._at(path)
        beside = (door for doors in self._every() for door in doors if path.startswith(_root(door.path.pattern)))
        found = [door.dialect for door in there] or [door.dialect for door in beside]
        whose = next((dialect for dialect in found if dialect.claims(headers)), found[-1])
        open_ = (door for door in there if door.dialect is whose and not _is_named(door, there) and not _is_wall(door.path))
        return whose, tuple(sorted({door.path.method for door in open_}))

    def is_asked(self, door: Door, path: str) -> bool:
        """What this door takes for a model's name is one with something that is done with it: `/models/x:generateContent`."""
        return _is_named(door, self._at(path))

    def _at(self, path: str) -> list[Door]:
        """The doors of any method."""
        there = [doors for (_, known), doors in self._exact.items() if known == path]
        there += [each.doors for every in self._patterns.values() for each in every if each.regex.fullmatch(path)]
        return [door for doors in there for door in doors]

    def is_near(self, path: str) -> bool:
        """It stands where dialects have their doors."""
        return path.startswith(self._roots)

    def _every(self) -> list[tuple[Door, ...]]:
        return [*self._exact.values(), *(each.doors for every in self._patterns.values() for each in every)]


def _is_wall(path: Path) -> bool:
    """It says that there is nothing."""
    return path.answer is not None and path.answer.status == 404


def _is_named(door: Door, there: Iterable[Door]) -> bool:
    """One of the doors `there`, of the same dialect, says more of the path than this one of a model does."""
    if door.path.operation != "model":
        return False
    beginning = f"{door.path.pattern}:"
    return any(
        other.dialect is door.dialect and other.path.pattern.startswith(beginning) and other.path.answer is None
        for other in there
    )


def _of(doors: tuple[Door, ...], headers: Headers) -> Door | None:
    if len(doors) == 1 and not doors[0].path.needs:
        return doors[0]
    fit = [door for door in doors if not door.path.needs or any(name == door.path.needs for name, _ in headers)]
    return next((door for door in fit if door.dialect.claims(headers)), fit[-1] if fit else None)


def _beginnings(path: str) -> tuple[str, str]:
    """The first two segments, and the first alone, by which patterns are sorted: there are many of them. No name in a pattern
    stands in the first."""
    first, second = f"{path}//".split("/", 3)[1:3]
    return f"/{first}/{second}", f"/{first}"


def _generality(pattern: str) -> int:
    """The most specific first: with more in it that is fixed."""
    return -len(re.sub(r"\{\w+\}", "", pattern))


def _root(pattern: str) -> str:
    """`/v1/` of `/v1/messages`; of deeper prefixes all that is fixed before the version."""
    found = re.match(r"(?:/\w+)*?/v\d\w*/", pattern)
    return found[0] if found is not None else pattern
