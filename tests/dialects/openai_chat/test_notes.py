"""Annotations of a message, read from streams."""

import json

from dragoman.core.events import Finished, PartClosed
from support.chat import chunk, decode, lines

CALL = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}


def test_annotations_cite_the_text_that_is_being_said() -> None:
    """Their places are counted in the whole message. One that comes when the text is over stays a member of the message."""
    page = {"url": "https://a.example", "title": "A", "start_index": 4, "end_index": 6}
    note, late = {"type": "url_citation", "url_citation": page}, {"type": "file_citation", "file_id": "f"}
    events = decode(
        lines(
            chunk({"content": "abc"}),
            chunk({"reasoning_content": "hm"}),
            chunk({"content": "defg"}),
            chunk({"annotations": [{"index": 0, **note}]}),
            chunk({"tool_calls": [CALL]}),
            chunk({"annotations": [late]}, "tool_calls"),
        )
    )
    (cited,) = (each for event in events if isinstance(event, PartClosed) for each in event.citations)
    assert (cited.url, cited.title, cited.start, cited.end) == ("https://a.example", "A", 1, 3)
    assert json.loads(bytes(cited.raw)) == note
    end = events[-1]
    assert isinstance(end, Finished)
    assert json.loads(bytes(end.extras["/choices/0/message/annotations"])) == [late]
