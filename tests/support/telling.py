"""What the golden files show: every fixture, told in every dialect."""

from collections.abc import Iterator

from dragoman.core.loss import Loss
from dragoman.core.quirks import Quirks
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.fixtures import Answer, Ask, answers, requests
from support.speech import build, decode_with_losses, encode, parse, pretty, quirk_rows


def request_pages() -> Iterator[tuple[str, str]]:
    """(golden file, text): what a target of each dialect is sent for each request, and what it cannot be told.

    The greatest request also for each row of quirks that the laws are tried with.
    """
    for asked in requests():
        for target in DIALECTS:
            rows = quirk_rows(target) if asked.name == "maximal" else {"": Quirks()}
            for name, quirks in rows.items():
                mark = f".{name}" if name else ""
                yield f"tests/golden/requests/{asked.dialect}/{asked.name}.to-{target}{mark}.txt", _request(asked, target, quirks)


def answer_pages() -> Iterator[tuple[str, str]]:
    """(golden file, text): what a client of each dialect gets for each answer, whole and as a stream.

    Where an answer is there both ways, its stream is shown: the law of folding holds for the other.
    """
    shown = {(answer.dialect, answer.name): answer for answer in sorted(answers(), key=lambda answer: answer.stream)}
    for (dialect, name), answer in sorted(shown.items()):
        for client in CLIENTS:
            yield f"tests/golden/answers/{dialect}/{name}.to-{client}.txt", _answer(answer, client)


def _request(asked: Ask, target: str, quirks: Quirks) -> str:
    request = parse(asked)
    built = build(request, target, quirks)
    head = "".join(f"{name}: {value}\n" for name, value in built.headers)
    return _titled(("headers", head), ("body", pretty(built.body)), ("losses", _losses(built.losses)))


def _answer(answer: Answer, client: str) -> str:
    events, found = decode_with_losses(answer.dialect, answer.data, stream=answer.stream)
    whole, lost_whole = encode(client, events, stream=False, provider=answer.dialect)
    stream, lost_stream = encode(client, events, stream=True, provider=answer.dialect)
    losses = [*found, *lost_whole]
    more = [loss for loss in lost_stream if loss not in losses]
    return _titled(
        ("whole", pretty(whole)),
        ("stream", stream.decode()),
        ("losses", _losses(losses)),
        ("losses of the stream alone", _losses(more)),
    )


def _losses(losses: list[Loss] | tuple[Loss, ...]) -> str:
    return "".join(f"{loss.kind.value:12} {loss.path}  {loss.why}".rstrip() + "\n" for loss in losses)


def _titled(*sections: tuple[str, str]) -> str:
    return "\n".join(f"--- {title} ---\n{text}" for title, text in sections if text)
