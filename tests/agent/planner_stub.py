"""A stand-in for an OpenAI-compatible server on this machine: answers each request with what a test gave it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Stub:
    """What the server answers from now on, and what it was asked."""

    url: str = ""
    status: int = 200
    body: str = "{}"
    content_type: str = "application/json"
    delay_s: float = 0.0
    hangs_up: bool = False
    written: str | None = None
    """What it streams, a few characters at a time, to who asks for a stream; None to answer as to the others."""
    pause_s: float = 0.0
    """Between two pieces of the stream."""
    breaks_off: bool = False
    """Whether the stream ends without its end."""
    tells_usage: bool = True
    models: list[str] = field(default_factory=list)
    """The names of its models; without any it does not say."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    """What is answered first, one after the other; then `body`."""

    def pieces(self) -> Iterator[str]:
        """The stream's events."""
        assert self.written is not None
        for start in range(0, len(self.written), 7):
            delta = {"index": 0, "delta": {"content": self.written[start : start + 7]}, "finish_reason": None}
            yield self._event({"choices": [delta]})
        if not self.breaks_off:
            usage = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16} if self.tells_usage else None
            yield self._event({"choices": [], "usage": usage})
            yield "data: [DONE]\n\n"

    def _event(self, body: dict[str, Any]) -> str:
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "planner", **body}
        return f"data: {json.dumps(chunk)}\n\n"

    def says(self, content: str | None, finish: str = "stop", logprobs: Sequence[float | None] = ()) -> None:
        """Answer with a completion of this content, and of tokens of these log-probabilities where there are some."""
        tokens = [{"token": "t", "logprob": one, "bytes": None, "top_logprobs": []} for one in logprobs]
        self.body = self._completion({"role": "assistant", "content": content}, finish, tokens)

    def calls(self, *rounds: Sequence[tuple[str, str]], then: str | None = "done") -> None:
        """Answer with tool calls (name and arguments as they are written), round after round; then with a text."""
        self.bodies = [
            self._completion(
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {"id": f"c{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
                        for number, (name, arguments) in enumerate(calls)
                    ],
                },
                "tool_calls",
            )
            for calls in rounds
        ]
        self.says(then)

    @staticmethod
    def _completion(message: dict[str, Any], finish: str, tokens: Sequence[dict[str, Any]] = ()) -> str:
        sure = {"logprobs": {"content": tokens, "refusal": None}} if tokens else {}
        return json.dumps(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": "planner",
                "choices": [{"index": 0, "message": message, "finish_reason": finish, **sure}],
                "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
            }
        )


@contextmanager
def planner_stub() -> Iterator[Stub]:
    """A running server on a free port of 127.0.0.1."""
    stub = Stub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"object": "list", "data": [{"id": name, "object": "model"} for name in stub.models]})
            self.send_response(200 if stub.models else 404)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = stub.bodies.pop(0) if stub.bodies else stub.body
            stub.requests.append({"path": self.path, "headers": headers, **json.loads(self.rfile.read(length))})
            time.sleep(stub.delay_s)
            if stub.hangs_up:
                self.close_connection = True
                return
            try:
                if stub.requests[-1].get("stream") and stub.written is not None and stub.status == 200:
                    self.stream()
                    return
                self.send_response(stub.status)
                self.send_header("content-type", stub.content_type)
                self.send_header("content-length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client gave up

        def stream(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            for piece in stub.pieces():
                self.wfile.write(piece.encode())
                time.sleep(stub.pause_s)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
