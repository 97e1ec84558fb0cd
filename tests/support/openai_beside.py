"""What OpenAI's API has beside chat, as its vendor answers it: a script for `Scripted`, with the bytes that were uploaded."""

import base64
import struct
from typing import Any

from dragoman.wire import json
from support.scripted import Received, Step, answer, chunked, event_stream

SOUND = b"ID3" + bytes(range(256)) * 40
VECTOR = (0.5, -1.25, 0.0625)
PNG = b"\x89PNG" + bytes(100)


class Vendor:
    """`script` answers; files get ids that begin with `name`. `uploaded`: the bodies of forms, as they came."""

    def __init__(self, name: str = "x") -> None:
        self.name = name
        self.uploaded: list[bytes] = []

    def script(self, request: Received) -> list[Step]:
        path, _, _ = request.target.partition("?")
        below = path.removeprefix("/v1/")
        if (request.header("content-type") or "").startswith("multipart/"):
            self.uploaded.append(request.body)
            body: Any = {}
        else:
            body = json.decode(request.body) if request.body else {}
        found = getattr(self, f"{request.method.lower()}_{below.split('/')[0]}", None)
        if found is None:
            return [
                answer(404, b'{"error":{"message":"Unknown request URL","type":"invalid_request_error","code":"unknown_url"}}')
            ]
        steps: list[Step] = found(below.split("/")[1:], body)
        return steps

    def post_embeddings(self, _: list[str], body: Any) -> list[Step]:
        packed = base64.b64encode(struct.pack("<3f", *VECTOR)).decode()
        vector: Any = packed if body.get("encoding_format") == "base64" else list(VECTOR)
        inputs = body["input"] if isinstance(body["input"], list) else [body["input"]]
        data = [{"object": "embedding", "index": place, "embedding": vector} for place, _ in enumerate(inputs)]
        usage = {"prompt_tokens": 4, "total_tokens": 4}
        return _json({"object": "list", "data": data, "model": body["model"], "usage": usage})

    def post_images(self, below: list[str], body: Any) -> list[Step]:
        if body.get("stream"):
            done = {"type": "image_generation.completed", "b64_json": base64.b64encode(PNG).decode(), "created_at": 1,
                    "size": "1024x1024", "quality": "low", "background": "opaque", "output_format": "png",
                    "usage": {"input_tokens": 3, "output_tokens": 9, "total_tokens": 12}}  # fmt: skip
            return event_stream(json.encode(done))
        return _json({"created": 1, "data": [{"b64_json": base64.b64encode(PNG).decode(), "revised_prompt": below[0]}]})

    def post_audio(self, below: list[str], body: Any) -> list[Step]:
        if below[0] == "speech":
            return chunked(SOUND[:1000], SOUND[1000:], type_="audio/mpeg")
        return _json({"text": f"a {below[0]}", "usage": {"type": "duration", "seconds": 3}})

    def post_moderations(self, _: list[str], body: Any) -> list[Step]:
        result = {"flagged": False, "categories": {}, "category_scores": {}, "category_applied_input_types": {}}
        return _json({"id": "modr-1", "model": body.get("model", "omni"), "results": [result]})

    def post_completions(self, _: list[str], body: Any) -> list[Step]:
        told = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": body["model"]}
        choice = {"index": 0, "text": "Once upon", "finish_reason": "stop", "logprobs": None}
        if body.get("stream"):
            return event_stream(json.encode({**told, "choices": [choice]}), b"[DONE]")
        return _json({**told, "choices": [choice], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}})

    def post_files(self, *_: Any) -> list[Step]:
        return _json(self._file())

    def get_files(self, below: list[str], _: Any) -> list[Step]:
        if not below:
            return _json({"object": "list", "data": [self._file()], "has_more": False})
        return [answer(200, b'{"n":1}\n', type_="application/jsonl")] if below[1:] == ["content"] else _json(self._file())

    def delete_files(self, below: list[str], _: Any) -> list[Step]:
        return _json({"id": below[0], "object": "file", "deleted": True})

    def post_batches(self, below: list[str], body: Any) -> list[Step]:
        told = {"id": f"batch_{self.name}", "object": "batch", "endpoint": "/v1/chat/completions", "created_at": 1,
                "input_file_id": body.get("input_file_id", "x"), "completion_window": "24h",
                "output_file_id": f"out-{self.name}"}  # fmt: skip
        return _json({**told, "status": "cancelling" if below[1:] == ["cancel"] else "validating"})

    def get_batches(self, below: list[str], _: Any) -> list[Step]:
        return self.post_batches(below, {})

    def post_uploads(self, below: list[str], _: Any) -> list[Step]:
        if below[1:] == ["parts"]:
            return _json({"id": "part_1", "object": "upload.part", "created_at": 1, "upload_id": below[0]})
        told = {"id": f"upload_{self.name}", "object": "upload", "bytes": 3, "created_at": 1, "expires_at": 2, "filename": "a",
                "purpose": "batch", "status": "completed" if below else "pending"}  # fmt: skip
        return _json({**told, "file": self._file() if below else None})

    def _file(self) -> dict[str, Any]:
        return {"id": f"file-{self.name}", "object": "file", "bytes": 8, "created_at": 1, "filename": "a.jsonl",
                "purpose": "batch", "status": "processed"}  # fmt: skip


def _json(told: Any) -> list[Step]:
    return [answer(200, json.encode(told))]
