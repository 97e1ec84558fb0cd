"""What the benchmarks say in each dialect: a request as its client writes it, an answer as its provider does, whole and streamed.

Rule: the same question and the same answer in all of them, so that their costs can be compared.
"""

from dataclasses import dataclass

CHUNKS = 200
SHORT = b"Say something short."
LONG = b"Ninety thousand words of context. " * 3000
ANSWER = b"A short answer of a few words."


@dataclass(frozen=True)
class Speech:
    """`path`, `stream_path`, `ask`: MODEL and WORDS stand for what is asked for. `streaming`: what more a stream's body says.
    `end`: what a stream ends with."""

    path: str
    stream_path: str
    ask: bytes
    streaming: bytes
    headers: tuple[tuple[str, str], ...]
    whole: bytes
    frames: tuple[bytes, ...]
    end: bytes

    def body(self, model: str, words: bytes, *, stream: bool) -> bytes:
        named = self.ask.replace(b"MODEL", model.encode()).replace(b"WORDS", words)
        return named[:-1] + self.streaming + b"}" if stream else named

    def where(self, model: str, *, stream: bool) -> str:
        return (self.stream_path if stream else self.path).replace("MODEL", model)


def _events(*told: tuple[bytes, bytes]) -> tuple[bytes, ...]:
    return tuple(b"event: %b\ndata: %b\n\n" % each for each in told)


def _data(*told: bytes) -> tuple[bytes, ...]:
    return tuple(b"data: %b\n\n" % each for each in told)


_CHUNK = (
    b'{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"bench","choices":[{"index":0,"delta":%b,'
    b'"finish_reason":%b}]}'
)
CHAT = Speech(
    path="/v1/chat/completions",
    stream_path="/v1/chat/completions",
    ask=b'{"model":"MODEL","messages":[{"role":"user","content":"WORDS"}]}',
    streaming=b',"stream":true',
    headers=(),
    whole=(
        b'{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"bench","choices":[{"index":0,"message":'
        b'{"role":"assistant","content":"%b"},"finish_reason":"stop"}],'
        b'"usage":{"prompt_tokens":12,"completion_tokens":8,"total_tokens":20}}' % ANSWER
    ),
    frames=_data(
        _CHUNK % (b'{"role":"assistant","content":""}', b"null"),
        *[_CHUNK % (b'{"content":"word "}', b"null")] * CHUNKS,
        _CHUNK % (b"{}", b'"stop"'),
        b'{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"bench","choices":[],"usage":'
        b'{"prompt_tokens":12,"completion_tokens":200,"total_tokens":212}}',
        b"[DONE]",
    ),
    end=b"[DONE]",
)

_USED = b'"usage":{"input_tokens":12,"output_tokens":%d}'
_MESSAGE = b'"id":"msg_1","type":"message","role":"assistant","model":"bench"'
ANTHROPIC = Speech(
    path="/v1/messages",
    stream_path="/v1/messages",
    ask=b'{"model":"MODEL","max_tokens":1000,"messages":[{"role":"user","content":"WORDS"}]}',
    streaming=b',"stream":true',
    headers=(("anthropic-version", "2023-06-01"),),
    whole=(
        b'{%b,"content":[{"type":"text","text":"%b"}],"stop_reason":"end_turn","stop_sequence":null,%b}'
        % (_MESSAGE, ANSWER, _USED % 8)
    ),
    frames=_events(
        (b"message_start", b'{"type":"message_start","message":{%b,"content":[],"stop_reason":null,%b}}' % (_MESSAGE, _USED % 1)),
        (b"content_block_start", b'{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'),
        *[
            (
                b"content_block_delta",
                b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"word "}}',
            )
        ]
        * CHUNKS,
        (b"content_block_stop", b'{"type":"content_block_stop","index":0}'),
        (b"message_delta", b'{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":200}}'),
        (b"message_stop", b'{"type":"message_stop"}'),
    ),
    end=b"message_stop",
)

_RESPONSE = b'"id":"resp_1","object":"response","created_at":1700000000,"model":"bench","status":"%b","output":[%b]%b'
_ITEM = b'{"id":"msg_1","type":"message","role":"assistant","status":"%b","content":[%b]}'
_SAID = b'{"type":"output_text","text":"%b","annotations":[]}'
_COUNTED = b',"usage":{"input_tokens":12,"output_tokens":200,"total_tokens":212}'
_AT = b'"item_id":"msg_1","output_index":0,"content_index":0'
_ALL = b"word " * CHUNKS


def _response_events() -> tuple[bytes, ...]:
    done = _ITEM % (b"completed", _SAID % _ALL)
    told = [
        (b"response.created", b'"response":{%b}' % (_RESPONSE % (b"in_progress", b"", b""))),
        (b"response.in_progress", b'"response":{%b}' % (_RESPONSE % (b"in_progress", b"", b""))),
        (b"response.output_item.added", b'"output_index":0,"item":%b' % (_ITEM % (b"in_progress", b""))),
        (b"response.content_part.added", b'%b,"part":%b' % (_AT, _SAID % b"")),
        *[(b"response.output_text.delta", b'%b,"delta":"word ","logprobs":[]' % _AT)] * CHUNKS,
        (b"response.output_text.done", b'%b,"text":"%b","logprobs":[]' % (_AT, _ALL)),
        (b"response.content_part.done", b'%b,"part":%b' % (_AT, _SAID % _ALL)),
        (b"response.output_item.done", b'"output_index":0,"item":%b' % done),
        (b"response.completed", b'"response":{%b}' % (_RESPONSE % (b"completed", done, _COUNTED))),
    ]
    numbered = ((name, b'{"type":"%b","sequence_number":%d,%b}' % (name, place, more)) for place, (name, more) in enumerate(told))
    return _events(*numbered)


RESPONSES = Speech(
    path="/v1/responses",
    stream_path="/v1/responses",
    ask=b'{"model":"MODEL","input":[{"role":"user","content":"WORDS"}]}',
    streaming=b',"stream":true',
    headers=(),
    whole=b"{%b}" % (_RESPONSE % (b"completed", _ITEM % (b"completed", _SAID % ANSWER), _COUNTED)),
    frames=_response_events(),
    end=b'"type":"response.completed"',
)

_CANDIDATE = b'{"candidates":[{"content":{"parts":[{"text":"%b"}],"role":"model"},%b"index":0}],%b"modelVersion":"bench"}'
_METER = b'"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":200,"totalTokenCount":212},'
GEMINI = Speech(
    path="/v1beta/models/MODEL:generateContent",
    stream_path="/v1beta/models/MODEL:streamGenerateContent?alt=sse",
    ask=b'{"contents":[{"role":"user","parts":[{"text":"WORDS"}]}]}',
    streaming=b"",
    headers=(),
    whole=_CANDIDATE % (ANSWER, b'"finishReason":"STOP",', _METER),
    frames=_data(*[_CANDIDATE % (b"word ", b"", b"")] * (CHUNKS + 1), _CANDIDATE % (b"", b'"finishReason":"STOP",', _METER)),
    end=b'"STOP"',
)

SPEECHES = {"anthropic": ANTHROPIC, "openai-chat": CHAT, "openai-responses": RESPONSES, "gemini": GEMINI}
SHORT_NAMES = {"A": "anthropic", "C": "openai-chat", "R": "openai-responses", "G": "gemini"}
