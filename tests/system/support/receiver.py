"""An HTTP server in the test's own process that keeps what it is sent, and when it came."""

import dataclasses
import http.server
import threading
import time


@dataclasses.dataclass
class Received:
    at: float  # monotonic
    method: str
    path: str
    headers: dict
    body: bytes


class Receiver:
    """Answers `status` to everything."""

    def __init__(self, status=200):
        self.status = status
        self.lock = threading.Lock()
        self.seen = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                at = time.monotonic()
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                with receiver.lock:
                    receiver.seen.append(Received(at, self.command, self.path, dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def received(self, path=None):
        with self.lock:
            return [each for each in self.seen if path is None or each.path == path]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
