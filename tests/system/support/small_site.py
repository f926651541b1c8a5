"""Takes what is posted to it and answers as it is told: chat services, webhooks, watched sites that fail at will."""

import dataclasses
import hashlib
import hmac
import http.server
import json
import threading


@dataclasses.dataclass
class Post:
    path: str
    headers: dict  # names in lower case
    body: bytes

    def json(self):
        return json.loads(self.body)


class SmallSite:
    def __init__(self):
        self.posts = []
        self.failing = set()  # paths that are answered with 500; GETs of all others with 200
        self.portal = None  # a login page that a network in between gives to whatever is posted
        self.lock = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def at(self, path):
        with self.lock:
            return [post for post in self.posts if post.path == path]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _handler(site):  # pylint: disable=no-self-argument  # The nested class has a self of its own.
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                self._answer(500 if self.path in site.failing else 200, b"a shop\n")

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                with site.lock:
                    site.posts.append(Post(self.path, headers, body))
                if site.portal is not None:
                    self._answer(200, site.portal, "text/html")
                elif self.path == "/teams":
                    self._answer(202, b"")
                elif self.path in ("/", "/alerts"):  # as ntfy
                    self._answer(200, b'{"id":"Xz1","event":"message"}', "application/json")
                else:
                    self._answer(200, b"ok")

            def _answer(self, status, body, kind="text/plain"):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler


def is_signed(post, secret):
    """Whether a webhook's body carries the signature that docs/channels.md describes."""
    text = post.headers["x-tenfold-timestamp"].encode() + b"." + post.body
    return hmac.compare_digest(post.headers["x-tenfold-signature"], hmac.new(secret.encode(), text, hashlib.sha256).hexdigest())
