"""docs/fidelity.md: counts alone, nothing of what was recorded. Totals first, then a section a family."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain

from dragoman.core.loss import Loss, LossKind
from dragoman.dialects.ledger import NO_PLACE
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.blanks import like
from support.fidelity import DIFFERENT, ERROR, EXCUSED, SAME, Verdict, answers, requests
from support.recordings import FAMILIES, recorded

Verdicts = tuple[Verdict, ...]
_OUTCOMES = (SAME, ERROR, EXCUSED, DIFFERENT)
_HEAD = """# Fidelity

Written from recorded provider traffic that is not part of this repository (`DRAGOMAN_CORPUS` names it); a test compares where
it is there. Every recorded answer is decoded, told to a client of each dialect whole and as a stream, and read back by that
dialect's official Python SDK; text, reasoning, tool calls with arguments, finish reason and token counts must be the same.
What is told here as excused cannot be said in the client's dialect and is reported as a loss. Every recorded request is
parsed, built for a target of each dialect and parsed again; every piece of it must be there or be named by a loss, and what
was built must be of the types that the target's official Python SDK declares (but Cohere's, which is too large for a test).
See also [what a translation loses](losses.md).
"""


def page() -> str:
    return _HEAD + _totals() + "".join(_family(family) for family in FAMILIES)


def told(family: str) -> Mapping[str, Verdicts]:
    """Client -> its verdicts over all answers of the family, whole first, then as streams."""
    return {client: (*answers(recorded(family), client, False), *answers(recorded(family), client, True)) for client in CLIENTS}


def asked(family: str) -> Mapping[str, Verdicts]:
    """Target -> its verdicts over all requests of the family; not the family's own dialect, where bytes pass."""
    return {other: requests(recorded(family), other) for other in DIALECTS if other != FAMILIES[family]}


def _totals() -> str:
    answered = [_total(family, told(family)) for family in FAMILIES]
    demanded = [_total(family, asked(family)) for family in FAMILIES]
    head = (
        "| family | recorded | told in all | same | error as error | excused | different |\n|---|---:|---:|---:|---:|---:|---:|\n"
    )
    tail = "| family | recorded | told in all | told or confessed | refused | different |\n|---|---:|---:|---:|---:|---:|\n"
    return (
        f"\n## In one view\n\nAnswers of each family, told to clients of every dialect, whole and as streams:\n\n{head}"
        + "".join(_line([*_numbers(row, _OUTCOMES)]) for row in _summed(answered))
        + f"\nRequests of each family, built for targets of every other dialect:\n\n{tail}"
        + "".join(_line([*_numbers(row, (SAME, EXCUSED, DIFFERENT))]) for row in _summed(demanded))
    )


def _total(family: str, by_dialect: Mapping[str, Verdicts]) -> tuple[str, int, Counter[str]]:
    """(family, how many exchanges, outcomes over all dialects)."""
    exchanges = {verdict.exchange for verdict in chain(*by_dialect.values())}
    return family, len(exchanges), Counter(verdict.outcome for verdict in chain(*by_dialect.values()))


def _summed(rows: list[tuple[str, int, Counter[str]]]) -> list[tuple[str, int, Counter[str]]]:
    everything = sum((outcomes for _, _, outcomes in rows), Counter[str]())
    return [*rows, ("**all**", sum(number for _, number, _ in rows), everything)]


def _numbers(row: tuple[str, int, Counter[str]], outcomes: Iterable[str]) -> Iterable[object]:
    family, number, found = row
    return (family, number, found.total(), *(found[outcome] for outcome in outcomes))


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |\n"


def _family(family: str) -> str:
    others = {client: verdicts for client, verdicts in told(family).items() if client != FAMILIES[family]}
    return (
        f"\n## {family}\n\n### Answers\n\n| client | answers | same | error as error | different | excused |\n"
        "|---|---:|---:|---:|---:|---|\n"
        + "".join(_clients(family, client) for client in CLIENTS)
        + f"\n### Losses told with answers\n\n{_losses(others)}"
        + (_requests(family) if FAMILIES[family] in CLIENTS else "")
    )


def _requests(family: str) -> str:
    """Of a dialect that clients speak: what it asks of the others."""
    return (
        "\n### Requests\n\n| target | requests | told or confessed | different | refused |\n|---|---:|---:|---:|---:|\n"
        + "".join(_target(target, verdicts) for target, verdicts in asked(family).items())
        + f"\n### Losses told with requests\n\n{_losses(asked(family))}"
    )


def _clients(family: str, client: str) -> str:
    """One line where whole answers and streams come out alike, as they should."""
    whole, stream = (_outcomes(answers(recorded(family), client, stream)) for stream in (False, True))
    if whole == stream:
        return _line([client, *whole])
    return _line([f"{client}, whole", *whole]) + _line([f"{client}, stream", *stream])


def _outcomes(verdicts: Verdicts) -> list[object]:
    count = Counter(each.outcome for each in verdicts)
    excused = Counter(each.why for each in verdicts if each.outcome == EXCUSED)
    why = ", ".join(f"{reason} {number}" for reason, number in sorted(excused.items())) or "0"
    return [len(verdicts), count[SAME], count[ERROR], count[DIFFERENT], why]


def _target(target: str, verdicts: Verdicts) -> str:
    count = Counter(each.outcome for each in verdicts)
    return _line([target, len(verdicts), count[SAME], count[DIFFERENT], count[EXCUSED]])


def _losses(by_dialect: Mapping[str, Verdicts]) -> str:
    """In how many exchanges a member was lost, a column a dialect; the gravest kinds first, then what is lost most."""
    found = {dialect: _counted(verdicts) for dialect, verdicts in by_dialect.items()}
    total = sum(found.values(), Counter[tuple[str, str]]())
    kinds = [kind.value for kind in reversed(LossKind)]
    ordered = sorted(total, key=lambda key: (kinds.index(key[0]), -total[key], key[1]))
    head = f"| kind | member | {' | '.join(found)} |\n|---|---|{'---:|' * len(found)}\n"
    return head + "".join(_line([*key, *(counts[key] or "" for counts in found.values())]) for key in ordered)


def _counted(verdicts: Verdicts) -> Counter[tuple[str, str]]:
    lost: dict[tuple[str, str], set[str]] = {}
    for verdict in verdicts:
        for loss in verdict.losses:
            lost.setdefault((loss.kind.value, _member(loss)), set()).add(verdict.exchange)
    return Counter({key: len(exchanges) for key, exchanges in lost.items()})


def _member(loss: Loss) -> str:
    """The member, and of a piece that is lost whole, which kind of piece it is."""
    _, _, piece = loss.why.partition(NO_PLACE)
    return f"`{like(loss.path)}`{f' ({piece})' if piece else ''}"
