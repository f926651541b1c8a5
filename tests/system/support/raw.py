"""HTTP/1.1 over a socket without a library's opinions: sends the bytes that it is given."""

import dataclasses
import socket


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # names in lower case; of repeated fields a list joined with ", "
    body: bytes
    interim: list = dataclasses.field(default_factory=list)  # statuses 1xx that came before
    trailers: dict = dataclasses.field(default_factory=dict)  # fields behind a chunked body, names in lower case

    def __getitem__(self, name):
        return self.headers.get(name.lower())


def fields_of(lines):
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


class Reader:
    """Reads answers from a socket, one after the other."""

    def __init__(self, sock):
        self.sock = sock
        self.data = b""
        self.trailers = {}  # of the last chunked body

    def more(self):
        received = self.sock.recv(65536)
        self.data += received
        return bool(received)

    def until(self, mark):
        while mark not in self.data:
            if not self.more():
                raise ConnectionError(f"closed before {mark!r}; had {self.data[:200]!r}")
        found, self.data = self.data.split(mark, 1)
        return found

    def exactly(self, count):
        parts, have = [self.data], len(self.data)
        self.data = b""
        while have < count:
            received = self.sock.recv(min(1 << 20, count - have + 65536))
            if not received:
                raise ConnectionError(f"closed after {have} of {count} bytes")
            parts.append(received)
            have += len(received)
        everything = b"".join(parts)
        self.data = everything[count:]
        return everything[:count]

    def rest(self):
        while self.more():
            pass
        found, self.data = self.data, b""
        return found

    def head(self):
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        return int(lines[0].split(" ")[1]), fields_of(lines[1:])

    def chunked(self):
        body = b""
        while True:
            size = int(self.until(b"\r\n").split(b";")[0], 16)
            if size == 0:
                lines = list(iter(lambda: self.until(b"\r\n").decode("latin-1"), ""))
                self.trailers = fields_of(lines)
                return body
            body += self.exactly(size)
            assert self.until(b"\r\n") == b""

    def answer(self, method="GET"):
        interim = []
        self.trailers = {}
        status, headers = self.head()
        while 100 <= status < 200 and status != 101:
            interim.append(status)
            status, headers = self.head()
        if method == "HEAD" or status in (101, 204, 304):
            body = b""
        elif "chunked" in headers.get("transfer-encoding", ""):
            body = self.chunked()
        elif "content-length" in headers:
            body = self.exactly(int(headers["content-length"]))
        else:
            body = self.rest()
        return Answer(status, headers, body, interim, self.trailers)

    def is_closed(self, timeout_s=5):
        """The other side ends the connection within the time; what it says before is then in `data`."""
        self.sock.settimeout(timeout_s)
        try:
            while self.more():
                pass
            return True
        except ConnectionError:
            return True
        except TimeoutError:
            return False


def connect(port, timeout_s=20, source=None, receive_buffer=None):
    """receive_buffer: bytes, before the connection is made; a small one makes a reader that falls behind at once."""
    sock = socket.socket()
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.settimeout(timeout_s)
    if source:
        sock.bind((source, 0))
    sock.connect(("127.0.0.1", port))
    return sock


def head_of(path, method="GET", headers=None, host="shop.example"):
    fields = {"Host": host, **(headers or {})}
    return "".join([f"{method} {path} HTTP/1.1\r\n", *(f"{name}: {value}\r\n" for name, value in fields.items()), "\r\n"]).encode("latin-1")


def request(port, path, method="GET", headers=None, body=b"", host="shop.example", timeout_s=20, source=None):
    """One request on a connection of its own; `source`: the address that it comes from."""
    headers = {"Connection": "close", **(headers or {})}
    if body or method in ("POST", "PUT"):
        headers.setdefault("Content-Length", len(body))
    with connect(port, timeout_s, source) as sock:
        sock.sendall(head_of(path, method, headers, host) + body)
        return Reader(sock).answer(method)
