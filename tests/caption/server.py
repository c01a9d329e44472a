"""A stand-in for a vision-language model behind HTTP, which misbehaves as it is told.

It speaks chat completions with pictures and structured outputs, and the batch API (files, batches,
output files). It echoes in each text the SHA-256 of the picture that the text is about, and keeps a
log of what it saw and answered. `python -m tests.caption.server` runs one by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any

GOOD = "good"
TROUBLES = (
    "429",
    "429_later",
    "500",
    "timeout",
    "hang_up",
    "half_body",
    "half_json",
    "wrong_schema",
    "refusal",
    "other_image",
    "too_long",
)
HEADERS = {"429_later": {"retry-after": "0.05"}}
INPUT_TOKENS, OUTPUT_TOKENS = 1000, 100


@dataclass
class Seen:
    """One request: what was asked, how it was treated, and whether an answer went out."""

    kind: str
    labels: list[str]
    digests: list[str]
    digest: str
    treatment: str
    nth: int
    answered: bool = False
    text: str = ""
    key: str = ""
    authorization: str = ""
    problems: list[str] = field(default_factory=list)


Treat = Callable[[Seen], str]
"""How a request is treated: `GOOD` or one of `TROUBLES`, or a status such as `401`."""


class Server:
    """An endpoint at `url` while it is entered."""

    def __init__(
        self,
        treat: Treat = lambda _: GOOD,
        *,
        latency_s: float = 0.0,
        capacity: int = 10**9,
        hold_after: int = 10**9,
        say: Callable[[str, str, str], dict[str, Any]] | None = None,
    ) -> None:
        self.treat, self.latency_s, self.capacity = treat, latency_s, capacity
        self.hold_after = hold_after
        self.say = say or (lambda kind, label, digest: {})
        self.log: list[Seen] = []
        self.in_flight = self.most_in_flight = 0
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.polls_until_done = 1
        self.polls: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._earlier: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Server:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self._stop, self.released = asyncio.Event(), asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", self.port, limit=1 << 26)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()
        await asyncio.sleep(0)

    def serve_forever(self, port: int) -> None:
        self.port = port
        threading.Thread(target=self._announce, daemon=True).start()
        self._run()

    def _announce(self) -> None:
        self._ready.wait()
        sys.stdout.write(f"{self.port}\n")
        sys.stdout.flush()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                method, path, _ = line.decode().split(" ", 2)
                headers = {}
                while (row := await reader.readline()).strip():
                    name, _, value = row.decode().partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if not await self._route(method, path, headers, body, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _route(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Answer a request; False to hang up."""
        if path == "/v1/chat/completions":
            return await self._chat(headers, body, writer)
        if path == "/log":
            return await _send(writer, 200, [vars(seen) for seen in self.log])
        if path == "/release":
            self.released.set()
            return await _send(writer, 200, {})
        if path.startswith("/v1/files"):
            return await self._files(method, path, headers, body, writer)
        if path.startswith("/v1/batches"):
            return await self._batches(method, path, body, writer)
        return await _send(writer, 404, {"error": {"message": f"no {path}"}})

    async def _chat(
        self, headers: dict[str, str], body: bytes, writer: asyncio.StreamWriter
    ) -> bool:
        request = json.loads(body)
        seen = self._note(request)
        seen.key = headers.get("idempotency-key", "")
        seen.authorization = headers.get("authorization", "")
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.in_flight > self.capacity:
                seen.treatment = "429"
            if sum(other.answered for other in self.log) >= self.hold_after:
                await self.released.wait()
            if self.latency_s and seen.treatment not in ("429", "429_later"):
                await asyncio.sleep(self.latency_s)
            return await self._treat(seen, request, writer)
        finally:
            self.in_flight -= 1

    async def _treat(
        self, seen: Seen, request: dict[str, Any], writer: asyncio.StreamWriter
    ) -> bool:
        treatment = seen.treatment
        if treatment == "timeout":
            await asyncio.sleep(30)
            return False
        if treatment == "hang_up":
            return False
        if treatment.split("_")[0].isdigit():
            error = {"error": {"message": f"as told: {treatment}", "code": treatment}}
            return await _send(writer, int(treatment[:3]), error, HEADERS.get(treatment))
        completion = self.completion(seen, request)
        if treatment == "half_body":
            half = json.dumps(completion)[:60].encode()
            await _send_bytes(writer, 200, half, {})
            return False
        # Before the answer leaves: whoever reads it finds it in the log.
        seen.answered = True
        return await _send(writer, 200, completion)

    def _note(self, request: dict[str, Any]) -> Seen:
        user = request["messages"][1]["content"]
        texts = [piece["text"] for piece in user if piece["type"] == "text"]
        images = [piece["image_url"]["url"] for piece in user if piece["type"] == "image_url"]
        digests = [
            hashlib.sha256(base64.b64decode(url.partition(",")[2], validate=True)).hexdigest()
            for url in images
        ]
        labels = [match[1] for text in texts if (match := re.fullmatch(r"Picture (\S+):", text))]
        if not labels:  # a question about a text names its label in it
            labels = re.findall(r'labelled "([^"]+)"', texts[-1])
        form = request.get("response_format", {}).get("json_schema", {})
        kind = form.get("name") or _kind_by_words(texts[-1])
        digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
        self._asked[digest] += 1
        seen = Seen(kind, labels, digests, digest, "", self._asked[digest])
        if form and _required(form["schema"]) is None:
            seen.problems.append("the schema is not strict")
        seen.treatment = self.treat(seen)
        self.log.append(seen)
        return seen

    def completion(self, seen: Seen, request: dict[str, Any]) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
        ending = "stop"
        if seen.treatment == "refusal":
            message["refusal"] = "I would rather not."
        else:
            text = json.dumps(self._content(seen))
            if seen.treatment == "other_image":
                other = self._earlier.get(seen.kind, "")
                text = other if other and other != text else text.replace(seen.labels[0], "part99")
            else:
                self._earlier[seen.kind] = text
            if seen.treatment == "half_json":
                text, ending = text[: len(text) // 2], "length"
            if seen.treatment == "wrong_schema":
                text = json.dumps({"caption": "something", "image": seen.labels[0]})
            message["content"] = seen.text = text
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": request["model"] + "-2026",
            "choices": [{"index": 0, "finish_reason": ending, "message": message}],
            "usage": {
                "prompt_tokens": INPUT_TOKENS,
                "completion_tokens": OUTPUT_TOKENS,
                "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
            },
        }

    def _content(self, seen: Seen) -> dict[str, Any]:
        label = seen.labels[0]
        digest = seen.digests[0] if seen.digests else ""
        if seen.kind == "shortened":
            shorter = [" ".join(["word"] * (14 - length)) for length in range(10)]
            return {"image": label, "detailed": " ".join(["word"] * 20), "shorter": shorter}
        if seen.kind == "verification":
            verdicts = dict.fromkeys(("name", "color", "material", "shape", "relation"), "yes")
            return {"image": label, **verdicts, **self.say(seen.kind, label, digest)}
        pairs = zip(seen.labels, seen.digests, strict=True)
        described = [self._described(seen, label, digest) for label, digest in pairs]
        return {"parts": described} if seen.kind == "descriptions" else described[0]

    def _described(self, seen: Seen, label: str, digest: str) -> dict[str, Any]:
        words = 40 if seen.treatment == "too_long" else 3
        return {
            "image": label,
            "name": "thing",
            "short": " ".join(["word"] * words),
            "long": f"seen:{digest}",
            "color": "red",
            "material": "wood",
            "shape": "round",
            "relation": "on top",
            "confidence": 0.9,
            "unsure": False,
            **self.say(seen.kind, label, digest),
        }

    async def _files(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        writer: asyncio.StreamWriter,
    ) -> bool:
        if method == "POST":
            head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
            form = BytesParser().parsebytes(head + body)
            parts = {
                part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
                for part in form.get_payload()  # type: ignore[union-attr]
            }
            name = f"file-{len(self.files)}"
            self.files[name] = parts["file"]  # type: ignore[assignment]
            return await _send(writer, 200, {**_file(name), "purpose": parts["purpose"].decode()})  # type: ignore[union-attr]
        name = path.split("/")[3]
        return await _send_bytes(writer, 200, self.files[name], {})

    async def _batches(
        self, method: str, path: str, body: bytes, writer: asyncio.StreamWriter
    ) -> bool:
        if method == "POST":
            request = json.loads(body)
            name = f"batch-{len(self.batches)}"
            self.batches[name] = {
                "id": name,
                "object": "batch",
                "endpoint": request["endpoint"],
                "input_file_id": request["input_file_id"],
                "completion_window": request["completion_window"],
                "created_at": 0,
                "status": "validating",
                "metadata": request.get("metadata"),
            }
            return await _send(writer, 200, self.batches[name])
        name = path.split("?", maxsplit=1)[0].removeprefix("/v1/batches").strip("/")
        if not name:
            listing = list(self.batches.values())
            page = {"object": "list", "data": listing, "has_more": False}
            return await _send(writer, 200, page)
        self.polls[name] += 1
        if self.polls[name] > self.polls_until_done:
            self._complete(self.batches[name])
        else:
            self.batches[name]["status"] = "in_progress"
        return await _send(writer, 200, self.batches[name])

    def _complete(self, batch: dict[str, Any]) -> None:
        """Answer what is in a batch's file, in another order."""
        if batch["status"] == "completed":
            return
        good, bad = [], []
        for line in reversed(self.files[batch["input_file_id"]].decode().splitlines()):
            request = json.loads(line)
            seen = self._note(request["body"])
            row: dict[str, Any] = {"id": "r", "custom_id": request["custom_id"], "error": None}
            if seen.treatment.isdigit():
                error = {"error": {"message": "as told"}}
                row["response"] = {"status_code": int(seen.treatment), "body": error}
                bad.append(row)
                continue
            seen.answered = True
            body = self.completion(seen, request["body"])
            row["response"] = {"status_code": 200, "request_id": "r", "body": body}
            good.append(row)
        for field_name, rows in (("output_file_id", good), ("error_file_id", bad)):
            if rows:
                name = f"file-{len(self.files)}"
                self.files[name] = "".join(json.dumps(row) + "\n" for row in rows).encode()
                batch[field_name] = name
        batch["status"] = "completed"


def _kind_by_words(text: str) -> str:
    if '"detailed"' in text:
        return "shortened"
    if "claims the following" in text:
        return "verification"
    return "descriptions" if '{"parts"' in text else "description"


def _required(schema: dict[str, Any]) -> bool | None:
    strict = schema.get("additionalProperties") is False
    return True if strict and set(schema["required"]) == set(schema["properties"]) else None


def _file(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "object": "file",
        "bytes": 1,
        "created_at": 0,
        "filename": "f",
        "status": "processed",
    }


async def _send(
    writer: asyncio.StreamWriter, status: int, document: Any, headers: dict[str, str] | None = None
) -> bool:
    kind = {"content-type": "application/json", **(headers or {})}
    return await _send_bytes(writer, status, json.dumps(document).encode(), kind)


async def _send_bytes(
    writer: asyncio.StreamWriter, status: int, body: bytes, headers: dict[str, str]
) -> bool:
    rows = [f"HTTP/1.1 {status} x", f"content-length: {len(body)}"]
    rows += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*rows, "", ""]).encode() + body)
    await writer.drain()
    return True


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--hold-after", type=int, default=10**9)
    parser.add_argument("--capacity", type=int, default=10**9)
    given = parser.parse_args()
    server = Server(latency_s=given.latency, hold_after=given.hold_after, capacity=given.capacity)
    server.serve_forever(given.port)


if __name__ == "__main__":
    main()
