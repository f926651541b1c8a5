"""An origin in the test's own process that answers as the test says and remembers what reached it."""

import dataclasses
import hashlib
import socket
import threading

from . import raw


@dataclasses.dataclass
class Request:
    method: str
    target: str
    headers: dict
    body_bytes: int = 0
    body_sha256: str = ""
    whole: bool = False  # its body arrived to the end
    trailers: dict = dataclasses.field(default_factory=dict)


class ScriptedOrigin:
    """`answer(request)` returns (status, headers, body), after the whole request arrived. A request to upgrade is
    answered with 101 and an echo of all that follows. Health checks (/healthz) get 200 and are not remembered."""

    def __init__(self, answer=lambda request: (200, {}, b"ok")):
        self.answer = answer
        self.seen = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.open = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def requests(self, target=None):
        with self.lock:
            return [request for request in self.seen if target is None or request.target == target]

    def stop(self):
        self.listener.close()
        for sock in list(self.open):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.open.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            with sock:
                reader = raw.Reader(sock)
                while self._one(sock, reader):
                    pass
        except (OSError, ConnectionError, ValueError):
            pass
        finally:
            self.open.discard(sock)

    def _one(self, sock, reader):
        lines = reader.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), value.strip())
        request = Request(method, target, headers)
        if target == "/healthz":
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            return True
        with self.lock:
            self.seen.append(request)
        if "upgrade" in headers:
            return self._echo(sock, reader, headers)
        if headers.get("expect") == "100-continue":
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._read_body(reader, request)
        request.whole = True
        status, fields, body = self.answer(request)
        fields = {"Content-Length": len(body), **fields}
        head = "".join([f"HTTP/1.1 {status} Said\r\n", *(f"{name}: {value}\r\n" for name, value in fields.items()), "\r\n"])
        sock.sendall(head.encode("latin-1") + (b"" if method == "HEAD" or status == 304 else body))
        return headers.get("connection", "").lower() != "close"

    @staticmethod
    def _read_body(reader, request):
        digest = hashlib.sha256()
        if "chunked" in request.headers.get("transfer-encoding", ""):
            body = reader.chunked()
            digest.update(body)
            request.body_bytes = len(body)
            request.trailers = reader.trailers
        else:
            left = int(request.headers.get("content-length", "0"))
            hashed = left <= 1 << 28  # A hash of gigabytes costs more than the transfer.
            while left:
                part = reader.exactly(min(left, 1 << 20))
                left -= len(part)
                request.body_bytes += len(part)
                if hashed:
                    digest.update(part)
        request.body_sha256 = digest.hexdigest()

    @staticmethod
    def _echo(sock, reader, headers):
        sock.sendall(f"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {headers['upgrade']}\r\n\r\n".encode())
        sock.sendall(reader.data)
        reader.data = b""
        while reader.more():
            sock.sendall(reader.data)
            reader.data = b""
        return False
