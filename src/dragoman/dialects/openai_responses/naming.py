"""Names of callable things: this dialect has namespaces, the canonical form has plain names.

Rule: `<namespace>__<name>`, and two things never get one name. A function that a search has loaded is called in a namespace of
its own name (the vendor does so): that is the function itself.
"""

from dragoman.core.parts import Extras
from dragoman.wire import json

NAMED = ("namespace", "name")
"""Extras that tell what the client calls a thing whose canonical name is another."""
_BETWEEN = "__"


def own_name(namespace: str | None, name: str, wire: str) -> Extras:
    """Those extras."""
    space = {} if namespace is None else {"namespace": json.raw(namespace)}
    return {**space, **({} if name == wire else {"name": json.raw(name)})}


class Names:
    """The names of one request. Give it the tools first, in their order, so that a name never depends on what is called later."""

    __slots__ = ("_given", "_taken")

    def __init__(self) -> None:
        self._given: dict[tuple[str | None, str], str] = {}
        self._taken: set[str] = set()

    def known(self, namespace: str | None, name: str) -> bool:
        """It has a name, so it was offered or called before."""
        return (namespace, name) in self._given

    def of(self, namespace: str | None, name: str) -> str:
        """The canonical name."""
        key = (namespace, name)
        if key not in self._given and namespace == name:
            key = (None, name)
        found = self._given.get(key)
        if found is None:
            found = name if key[0] is None else f"{key[0]}{_BETWEEN}{name}"
            while found in self._taken:
                found += "_"
            self._given[key] = found
            self._taken.add(found)
        return found
