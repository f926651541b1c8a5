"""A site that answers strangers with the guard's pages: what they are served by is not the edge, but a few lines that speak
the contracts of challenge and waiting room and remember what was asked."""

import dataclasses
import hashlib
import http.server
import os
import pathlib
import secrets
import subprocess
import threading
import time
import urllib.parse

from .processes import ROOT

PROGRAM = pathlib.Path(os.environ.get("TENFOLD_GUARD_PAGES", ROOT / "build/release/src/guard/guard_pages"))
CLEARANCE = "tenfold_clear=1; Path=/; HttpOnly; SameSite=Lax"
SHOP = b"<!doctype html><title>the shop</title><link rel=icon href='data:,'><p>Welcome</p>"
FORM = (b"<!doctype html><title>a form</title><link rel=icon href='data:,'><form method=post action=/order><input name=address>"
        b"<button>Order</button></form>")


def zero_bits(seed, nonce):
    digest = int.from_bytes(hashlib.sha256(f"{seed}:{nonce}".encode()).digest(), "big")
    return 256 - digest.bit_length()


def page(*words):
    """(fields, body) as the guard makes them."""
    printed = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, timeout=20, check=True).stdout
    head, _, body = printed.partition(b"\n\n")
    return dict(line.split(": ", 1) for line in head.decode().splitlines()), body


@dataclasses.dataclass
class Asked:
    at: float  # monotonic
    method: str
    path: str
    query: dict
    cookies: str


class ShieldedSite:
    """`room`: how many are ahead each time that it is asked; whoever asks once more is let in. None: there is a challenge."""

    def __init__(self, bits=8, room=None, seed_digits=48, keeps_clearances=True):
        self.bits = bits
        self.room = room
        self.seed_digits = seed_digits
        self.keeps_clearances = keeps_clearances
        self.lock = threading.Lock()
        self.asked = []
        self.wrong = []  # solutions that are none
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def at(self, path):
        with self.lock:
            return [each for each in self.asked if each.path == path]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _handler(site):  # pylint: disable=no-self-argument  # The nested class has a self of its own.
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                address = urllib.parse.urlsplit(self.path)
                query = {name: values[0] for name, values in urllib.parse.parse_qs(address.query).items()}
                asked = Asked(time.monotonic(), self.command, address.path, query, self.headers.get("Cookie", ""))
                with site.lock:
                    site.asked.append(asked)
                if asked.path == "/.tenfold/clear":
                    self._clear(query)
                elif asked.path == "/.tenfold/wait":
                    self._wait(query["to"])
                elif "tenfold_clear" in asked.cookies:
                    self._answer(200, FORM if asked.path == "/form" else SHOP)
                elif site.room is not None:
                    self._wait(self.path)
                else:
                    seed = secrets.token_hex(64)[:site.seed_digits]
                    self._guard(*page("challenge", "html", "en", self._sent(), self._way_back(), seed, site.bits))

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                self.do_GET()

            def _sent(self):
                return "form" if self.command == "POST" else "page"

            def _way_back(self):
                return "/form" if self.command == "POST" else self.path

            def _clear(self, query):
                if zero_bits(query["seed"], query["nonce"]) < site.bits or not query["nonce"].isdigit():
                    with site.lock:
                        site.wrong.append(query)
                    self._answer(403, b"no solution")
                else:
                    self._let_in(query["to"])

            def _wait(self, to):
                with site.lock:
                    ahead = site.room.pop(0) if site.room else None
                if ahead is None and self.path.startswith("/.tenfold/"):
                    self._let_in(to)
                    return
                form = "json" if "json" in self.headers.get("Accept", "") else "html"
                self._guard(*page("waiting", form, "en", self._sent(), self._way_back() if to == self.path else to,
                                  ahead or 0, 5 * (ahead or 0), 1))

            def _let_in(self, to):
                fields = {"Location": to}
                if site.keeps_clearances:
                    fields["Set-Cookie"] = CLEARANCE
                self._answer(303, b"", fields)

            def _guard(self, fields, body):
                self._answer(503, body, {**fields, "Cache-Control": "no-store", "Retry-After": "1"})

            def _answer(self, status, body, fields=None):
                self.send_response(status)
                for name, value in (fields or {"Content-Type": "text/html"}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler
