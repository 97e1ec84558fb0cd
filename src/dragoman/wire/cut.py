"""Members cut out of a JSON document by a path; every other value keeps its exact bytes.

A path is written as providers name members in their errors, `*` for any place of a list: `tools.*.custom.strict`. A name may be
spelled in another way (`generation_config` is `generationConfig`). A step that is no member but the `type` or `role` of the
object it leads to (`messages.*.content.*.thinking.cache_control`) is met by objects of that kind, and by those of none.
"""

from msgspec import Raw

from dragoman.wire import json

_KINDS = ("type", "role")
_NOTHING = b"{}"


def cut(document: bytes, path: str) -> tuple[bytes, tuple[str, ...]]:
    """(the document without the members at `path`, JSON Pointers to them); the same object where there is none.

    A member that is left as an empty object goes as well. Raises JSONError.
    """
    found: list[str] = []
    left = _left(Raw(document), tuple(path.split(".")), "", found)
    return (bytes(left), tuple(found)) if found else (document, ())


def letters(name: str) -> str:
    """A name as all its spellings have it: `maxOutputTokens` and `max_output_tokens` are one."""
    return name.replace("_", "").lower()


def _left(value: Raw, steps: tuple[str, ...], at: str, found: list[str]) -> Raw:
    if json.is_array(value):
        return _of_list(value, steps, at, found)
    return _of_object(value, steps, at, found) if json.is_object(value) else value


def _of_list(value: Raw, steps: tuple[str, ...], at: str, found: list[str]) -> Raw:
    if steps[0] != "*" or len(steps) == 1:
        return value
    before, items = len(found), json.items(value)
    left = [_left(item, steps[1:], f"{at}/{place}", found) for place, item in enumerate(items)]
    return json.raw(left) if len(found) > before else value


def _of_object(value: Raw, steps: tuple[str, ...], at: str, found: list[str]) -> Raw:
    members = json.members(value)
    name = _named(members, steps[0])
    if name is not None:
        before = len(found)
        left = _without(members, name, steps, f"{at}/{json.escape(name)}", found)
        if len(found) > before:
            return left
    if at != "" and len(steps) > 1 and _is_kind(members, steps[0]):
        return _left(value, steps[1:], at, found)
    return value


def _without(members: dict[str, Raw], name: str, steps: tuple[str, ...], at: str, found: list[str]) -> Raw:
    """The object again, without the member or without what is cut below it."""
    if len(steps) == 1:
        found.append(at)
        del members[name]
    else:
        left = _left(members[name], steps[1:], at, found)
        if bytes(left) == _NOTHING:
            del members[name]
        else:
            members[name] = left
    return json.raw(members)


def _named(members: dict[str, Raw], word: str) -> str | None:
    if word in members:
        return word
    same = letters(word)
    return next((name for name in members if letters(name) == same), None)


def _is_kind(members: dict[str, Raw], word: str) -> bool:
    told = [json.decode(members[name]) for name in _KINDS if name in members]
    return word != "*" and (word in told or not told)
