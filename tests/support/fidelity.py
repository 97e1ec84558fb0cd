"""Every recorded exchange through every pair of dialects: what comes out, judged and counted by kind.

Rule: the judge reads recordings with `support.reading` and our answers with the official SDKs; our decoders judge nothing.
"""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

from dragoman.core.errors import CallError
from dragoman.core.events import Event, Failed
from dragoman.core.loss import Loss, LossKind
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support import reading, sdk
from support.asked import Statement, missing, statements
from support.fixtures import Ask, facts
from support.reading.base import CONTRADICTION, FAILED
from support.recordings import Exchange
from support.said import Said, differences
from support.speech import REQUEST_ID, build, decode_with_losses, encode, heard, parse

SAME, EXCUSED, ERROR, DIFFERENT = "same", "excused", "error as error", "different"


class Verdict(NamedTuple):
    """`why`: the kind of excuse, or what differs. `losses`: of the answer or the request, as told to the client."""

    exchange: str
    outcome: str
    why: str = ""
    losses: tuple[Loss, ...] = ()


@cache
def answers(exchanges: tuple[Exchange, ...], client: str, stream: bool) -> tuple[Verdict, ...]:
    """Each answer, as a client of dialect `client` gets it and its SDK reads it."""
    return tuple(_answer(each, client, stream) for each in exchanges if each.answer)


def _answer(exchange: Exchange, client: str, stream: bool) -> Verdict:
    if exchange.status >= 400:
        return _refused(exchange, client)
    there = _by_value(exchange.dialect, exchange.answer, exchange.stream)
    events, found = decode_with_losses(exchange.dialect, exchange.answer, stream=exchange.stream)
    data, told = encode(client, events, stream=stream, provider=exchange.dialect)
    losses = (*found, *told)
    try:
        here = _read(exchange, client, stream, events, data)
    except sdk.UnreadableError as fault:
        return Verdict(exchange.id, DIFFERENT, f"the SDK cannot read it: {fault}", losses)
    return _judged(exchange, there, here, client, losses)


def _read(exchange: Exchange, client: str, stream: bool, events: list[Event], data: bytes) -> Said:
    if isinstance(events[-1], Failed) and not stream:
        status = CLIENTS[client].build_error(events[-1].error, REQUEST_ID)[0]
        return sdk.read(client, data, stream=False, status=status)
    return sdk.loosely(sdk.read(client, data, stream=stream, strict=client != exchange.dialect))


@cache
def _by_value(dialect: str, body: bytes, stream: bool) -> Said:
    return sdk.loosely(reading.read(dialect, body, stream=stream))


def _judged(exchange: Exchange, there: Said, here: Said, client: str, losses: tuple[Loss, ...]) -> Verdict:
    if there.error is not None or here.error is not None:
        outcome = ERROR if there.error == here.error else DIFFERENT
        return Verdict(exchange.id, outcome, "" if outcome == ERROR else f"{there.error} became {here.error}", losses)
    counted = there.usage
    if there.excused == CONTRADICTION and client != exchange.dialect and counted is not None:
        if here.usage == counted:
            there = replace(there, excused=None)
        else:
            there = replace(there, usage={**counted, "input": max(counted["input"], counted["cache_read"])})
    uncounted = [name for name in facts(client).get("uncounted", ()) if there.usage and there.usage[name]]
    found = differences(there, here, uncounted)
    if found or (uncounted and not losses):
        return Verdict(exchange.id, DIFFERENT, "; ".join(found) or f"no loss tells of {uncounted}", losses)
    if there.excused is not None and client != exchange.dialect and there.excused not in facts(client).get("tells", ()):
        if not losses:
            return Verdict(exchange.id, DIFFERENT, f"no loss tells of {there.excused}", losses)
        return Verdict(exchange.id, EXCUSED, there.excused, losses)
    return Verdict(exchange.id, SAME, "", losses)


def _refused(exchange: Exchange, client: str) -> Verdict:
    """A provider's error comes out as an error of the client's dialect, and its SDK raises it."""
    error = DIALECTS[exchange.dialect].parse_error(exchange.status, exchange.headers, exchange.answer)
    status, body = CLIENTS[client].build_error(error, REQUEST_ID)
    raised = sdk.read(client, body, stream=False, status=status).error == FAILED
    fits = raised and status >= 400 and bool(error.message)
    return Verdict(exchange.id, ERROR if fits else DIFFERENT, "" if fits else f"status {status}")


@cache
def requests(exchanges: tuple[Exchange, ...], target: str) -> tuple[Verdict, ...]:
    """Each request that its provider took, rebuilt for a target of dialect `target` and read again."""
    return tuple(_request(each, target) for each in exchanges if each.request is not None and each.status < 400)


def _request(exchange: Exchange, target: str) -> Verdict:
    assert exchange.request is not None
    try:
        request = parse(Ask(exchange.dialect, exchange.id, exchange.request))
    except CallError as fault:
        return Verdict(exchange.id, DIFFERENT, f"not parsed: {fault}")
    built = build(request, target)
    refused = [loss for loss in built.losses if loss.kind is LossKind.REFUSED]
    again = heard(request, target, built)
    lost: list[Statement] = missing(statements(request), statements(again, built.undo.names), built.losses)
    wrong = sdk.faults(target, built.body) if target != exchange.dialect else ""
    if wrong:
        return Verdict(exchange.id, DIFFERENT, f"not of the SDK's types: {wrong}", built.losses)
    if lost:
        return Verdict(exchange.id, DIFFERENT, f"not asked: {sorted({each.key for each in lost})}", built.losses)
    if refused:
        return Verdict(exchange.id, EXCUSED, "refused", built.losses)
    return Verdict(exchange.id, SAME, "", built.losses)


def different(verdicts: tuple[Verdict, ...]) -> list[str]:
    return [f"{each.exchange}: {each.why}" for each in verdicts if each.outcome == DIFFERENT]
