"""A law over many fixtures as one test: thousands of small tests cost more than what they check."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any


def every(name: str, values: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The test is tried with each value as its argument `name`; it fails with all that failed, each by its value's text. Stands
    next to the function, below `parametrize`."""
    found = list(values)
    assert found

    def tried(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def over_all(**given: Any) -> None:
            failed = []
            for value in found:
                try:
                    test(**{name: value}, **given)
                except Exception as fault:
                    failed.append(f"{value}: {type(fault).__name__}: {fault}")
            assert not failed, "\n".join(failed)

        signature = inspect.signature(test)
        rest = [parameter for parameter in signature.parameters.values() if parameter.name != name]
        over_all.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
        return over_all

    return tried
