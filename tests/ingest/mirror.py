"""A mirror on loopback that misbehaves file by file, and remembers what it was asked for."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import re
import ssl
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Kind = Literal[
    "fine", "not_found", "refused", "rate_limited", "server_error", "truncated", "wrong", "stalled",
    "dripping", "silent", "gzip", "bomb", "brotli", "elsewhere", "file", "circle", "unasked_range",
]  # fmt: skip
ALWAYS = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a file is served.

    `times` requests are answered by `kind`, those after them well. `retry_after` goes with a 429 or
    a 5xx, and `date` says it as a date. Without `versioned` there is no ETag to go on from.
    """

    kind: Kind = "fine"
    times: int = ALWAYS
    retry_after: float | None = None
    date: bool = False
    versioned: bool = True
    status: int = 0


@dataclass(slots=True)
class Asked:
    """One request: its path, the range that it asked for, and when it came."""

    path: str
    range: str
    at: float


@dataclass(slots=True)
class Mirror:
    """What is served (`files`), how (`manners`), and what was asked (`asked`)."""

    files: dict[str, bytes] = field(default_factory=dict)
    manners: dict[str, Manner] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    at_once: int = 0
    most_at_once: int = 0
    delay_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        with self.lock:
            return [asked.path for asked in self.asked]

    def count(self, ending: str) -> int:
        """How often a path with this ending was asked for."""
        return sum(path.endswith(ending) for path in self.paths())

    def forget(self) -> None:
        """Begin to count anew."""
        with self.lock:
            self.asked.clear()


@contextlib.contextmanager
def serving(mirror: Mirror, tls: ssl.SSLContext | None = None) -> Iterator[Mirror]:
    """Serve until the block ends."""

    class Handler(_Handler):
        served = mirror

    server = _Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    mirror.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield mirror
    finally:
        mirror.stop.set()
        server.shutdown()
        thread.join()
        server.socket.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what is tested here."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    served: Mirror
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer as the file's manner says."""
        mirror, path = self.served, self.path
        with mirror.lock:
            before = sum(asked.path == path for asked in mirror.asked)
            mirror.asked.append(Asked(path, self.headers.get("Range", ""), time.monotonic()))
            mirror.at_once += 1
            mirror.most_at_once = max(mirror.most_at_once, mirror.at_once)
        try:
            time.sleep(mirror.delay_s)
            manner = mirror.manners.get(path, Manner())
            kind = manner.kind if before < manner.times else "fine"
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._answer(kind, manner, mirror.files.get(path))
        finally:
            with mirror.lock:
                mirror.at_once -= 1

    def _answer(self, kind: Kind, manner: Manner, data: bytes | None) -> None:
        statuses = {"not_found": 404, "refused": 403, "rate_limited": 429, "server_error": 500}
        if data is None and kind not in ("elsewhere", "file", "circle"):
            kind = "not_found"
        if kind in statuses:
            self._refuse(manner.status or statuses[kind], manner)
        elif kind in ("elsewhere", "file", "circle"):
            self._redirect({"elsewhere": "ftp://127.0.0.1/x", "file": "file:///etc/passwd",
                            "circle": self.path}[kind])  # fmt: skip
        elif kind == "silent":
            self.served.stop.wait(30)
            self.close_connection = True
        elif data is not None and data.startswith(b"-> "):
            self._redirect(data[3:].decode(), linked=True)
        else:
            assert data is not None
            self._send(kind, manner, data)

    def _refuse(self, status: int, manner: Manner) -> None:
        words = f"no, {status}".encode()
        self.send_response(status)
        if manner.retry_after is not None:
            wait = manner.retry_after
            text = formatdate(time.time() + wait, usegmt=True) if manner.date else f"{wait:.0f}"
            self.send_header("Retry-After", text)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def _redirect(self, target: str, *, linked: bool = False) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        if linked and target in self.served.files:
            data = self.served.files[target]
            self.send_header("X-Linked-Etag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("X-Linked-Size", str(len(data)))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, kind: Kind, manner: Manner, data: bytes) -> None:
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        start = self._start(etag) if manner.versioned else 0
        body, encoding = data[start:], ""
        if kind == "wrong":
            middle = len(body) // 2
            body = body[:middle] + bytes((body[middle] ^ 1,)) + body[middle + 1 :]
        if kind in ("gzip", "bomb"):
            start, encoding = 0, "gzip"
            body = gzip.compress(data if kind == "gzip" else bytes(8 << 20), 1)
        if kind == "brotli":
            encoding = "br"
        self.send_response(206 if start or kind == "unasked_range" else 200)
        if start or kind == "unasked_range":
            first = start or 5
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        if encoding:
            self.send_header("Content-Encoding", encoding)
        if manner.versioned:
            self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._write(kind, body)

    def _start(self, etag: str) -> int:
        found = re.fullmatch(r"bytes=([0-9]+)-", self.headers.get("Range", ""))
        fresh = self.headers.get("If-Range", etag) == etag
        return int(found[1]) if found and fresh else 0

    def _write(self, kind: Kind, body: bytes) -> None:
        if kind not in ("truncated", "stalled", "dripping"):
            self.wfile.write(body)
            return
        half = len(body) // 2
        self.wfile.write(body[:half])
        self.wfile.flush()
        if kind == "stalled":
            self.served.stop.wait(30)
        for place in range(half, len(body)) if kind == "dripping" else ():
            if self.served.stop.wait(0.05):
                break
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()
        self.close_connection = True


OBJAVERSE = "/datasets/allenai/objaverse/resolve/main/"


def add_objaverse(
    mirror: Mirror,
    objects: Mapping[str, bytes],
    *,
    annotations: Mapping[str, Mapping[str, Any]] | None = None,
    lvis: Mapping[str, list[str]] | None = None,
    per_folder: int = 5000,
) -> dict[str, str]:
    """Serve objects as the hub serves Objaverse: lists, and files behind a redirect; uid -> path.

    Manners belong to the paths returned, where the bytes lie.
    """
    paths, lying = {}, {}
    tables: dict[str, dict[str, Any]] = {}
    for index, (uid, data) in enumerate(sorted(objects.items())):
        folder = f"000-{index // per_folder:03d}"
        paths[uid] = f"glbs/{folder}/{uid}.glb"
        lying[uid] = f"/lying/{uid}.glb"
        mirror.files[lying[uid]] = data
        mirror.files[OBJAVERSE + paths[uid]] = b"-> " + lying[uid].encode()
        tables.setdefault(folder, {})[uid] = (annotations or {}).get(uid) or annotation(uid)
    lists: dict[str, Any] = {"object-paths": paths, "lvis-annotations": lvis or {}}
    lists |= {f"metadata/{folder}": table for folder, table in tables.items()}
    for name, table in lists.items():
        mirror.files[f"{OBJAVERSE}{name}.json.gz"] = gzip.compress(json.dumps(table).encode())
    return lying


def annotation(uid: str, **other: Any) -> dict[str, Any]:
    """What Sketchfab says of an object, as Objaverse's metadata have it."""
    return {
        "uid": uid,
        "uri": f"https://api.sketchfab.com/v3/models/{uid}",
        "name": f"Thing {uid[:4]}",
        "viewerUrl": f"https://sketchfab.com/3d-models/{uid}",
        "license": "by",
        "faceCount": 100,
        "tags": [{"name": "low poly", "slug": "low-poly"}],
        "categories": [{"name": "furniture-home"}],
        "user": {
            "uid": "0" * 32,
            "username": "jo",
            "displayName": "Jo Maker",
            "profileUrl": "https://sketchfab.com/jo",
        },
        **other,
    }
