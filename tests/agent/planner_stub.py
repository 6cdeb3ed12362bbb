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
    requests: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    """What is answered first, one after the other; then `body`."""

    def says(self, content: str | None, finish: str = "stop") -> None:
        """Answer with a completion of this content."""
        self.body = self._completion({"role": "assistant", "content": content}, finish)

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
    def _completion(message: dict[str, Any], finish: str) -> str:
        return json.dumps(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": "planner",
                "choices": [{"index": 0, "message": message, "finish_reason": finish}],
                "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
            }
        )


@contextmanager
def planner_stub() -> Iterator[Stub]:
    """A running server on a free port of 127.0.0.1."""
    stub = Stub()

    class Handler(BaseHTTPRequestHandler):
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
                self.send_response(stub.status)
                self.send_header("content-type", stub.content_type)
                self.send_header("content-length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client gave up

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
