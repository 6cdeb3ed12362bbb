"""A real HTTP server on this machine that plays an agent behind an OpenAI-compatible URL, a good one or a bad one."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from evals.contestants.contract import Contestant
from evals.hosting import Host

Messages = list[dict[str, str]]
USAGE = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}


@dataclass
class Request:
    """What was asked, and the connection that an answer goes to."""

    messages: Messages
    body: dict[str, Any]
    headers: dict[str, str]
    _handler: BaseHTTPRequestHandler

    def send(self, content_type: str, pieces: Iterable[bytes], status: int = 200, length: int | None = None) -> None:
        """Send an answer, piece by piece; then the connection is closed."""
        self._handler.send_response(status)
        self._handler.send_header("content-type", content_type)
        if length is not None:
            self._handler.send_header("content-length", str(length))
        self._handler.end_headers()
        for piece in pieces:
            self._handler.wfile.write(piece)

    def stream(self, text: str) -> None:
        """The text as a server that keeps to the rules streams it."""
        words = [chunk(text[start : start + 9]) for start in range(0, len(text), 9)]
        self.send("text/event-stream", [*words, event({"choices": [], "usage": USAGE}), b"data: [DONE]\n\n"])


Behaviour = Callable[[Request], None]


@dataclass
class Server:
    """Where it is, and what it was asked."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)


def event(body: object) -> bytes:
    """One event of a stream."""
    return f"data: {json.dumps(body)}\n\n".encode()


def chunk(text: object) -> bytes:
    """A piece of a streamed answer."""
    shape = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return event({**shape, "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})


def for_ever(piece: bytes, pause_s: float = 0.0) -> Iterator[bytes]:
    """The same again and again."""
    while True:
        yield piece
        time.sleep(pause_s)


@contextmanager
def agent_server(behave: Behaviour) -> Iterator[Server]:
    """A running server on a free port of 127.0.0.1 that answers every request like that."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.requests.append(Request(body["messages"], body, headers, self))
            try:
                behave(server.requests[-1])
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client gave up
            finally:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_port}/v1"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def served(contestant: Contestant, host: Host) -> Behaviour:
    """A contestant behind the URL: it is told which conversation a history belongs to, and gets the last message."""
    threads: dict[str, list[str]] = {}
    lock = threading.Lock()

    def behave(request: Request) -> None:
        *before, last = request.messages
        with lock:  # conversations that went alike up to here are told apart by nothing, and need not be
            waiting = threads.get(json.dumps(before))
            thread = waiting.pop() if waiting else uuid4().hex
        heard = host.submit(contestant.answer(thread, last["content"])).result()
        after = [*request.messages, {"role": "assistant", "content": heard.reply}]
        with lock:
            threads.setdefault(json.dumps(after), []).append(thread)
        request.stream(heard.reply)

    return behave
