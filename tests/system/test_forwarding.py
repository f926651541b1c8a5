"""What crosses the edge and how: slow readers of large answers, refusals in mid-upload, expectations, fields, the wrong port."""

import fcntl
import socket
import sys
import termios
import threading
import time

from support import raw
from support.processes import free_port, wait_until

MEGABYTE = 1_000_000


def small_window(port):
    """A connection whose client takes little at a time."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    sock.settimeout(30)
    sock.connect(("127.0.0.1", port))
    return sock


def test_a_large_cached_answer_is_served_whole_to_who_takes_it_slowly(start_scripted, start_edge):
    body = b"x" * (8 * MEGABYTE)
    origin = start_scripted(lambda request: (200, {"Cache-Control": "max-age=600"}, body))
    edge = start_edge([origin], limits={"write_timeout": "1s"})
    assert len(edge.get("/large").body) == len(body)  # stored
    began = time.monotonic()
    with small_window(edge.port) as sock:
        sock.sendall(raw.head_of("/large", headers={"Connection": "close"}))
        received = 0
        while part := sock.recv(64 * 1024):
            received += len(part)
            time.sleep(0.02)  # some 3 MB a second
    assert received > len(body)
    assert time.monotonic() - began > 1.5  # else this shows nothing
    assert len(origin.requests("/large")) == 1


def test_who_takes_nothing_of_an_answer_is_reset(start_scripted, start_edge):
    body = b"x" * (8 * MEGABYTE)
    origin = start_scripted(lambda request: (200, {"Cache-Control": "max-age=600"}, body))
    edge = start_edge([origin], limits={"write_timeout": "1s"})
    edge.get("/large")
    with small_window(edge.port) as sock:
        sock.sendall(raw.head_of("/large"))
        time.sleep(4)
        received = 0
        try:
            while part := sock.recv(MEGABYTE):
                received += len(part)
        except ConnectionResetError:
            pass
    assert received < len(body)


class RefusingOrigin:
    """Answers 413 once the head is here, and closes over the rest of the request."""

    def __init__(self, pause_s):
        self.pause_s = pause_s
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        with sock:
            reader = raw.Reader(sock)
            try:
                head = reader.until(b"\r\n\r\n")
            except (OSError, ConnectionError):
                return
            if b"/healthz" in head:
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                return
            time.sleep(self.pause_s)
            sock.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\ntoo large")


def test_a_refusal_in_mid_upload_reaches_the_client(parts, start_edge):
    for pause_s in (0, 0.01):
        origin = RefusingOrigin(pause_s)
        parts.append(origin)
        edge = start_edge([origin], name=f"edge-{pause_s}")
        for _ in range(25):
            with raw.connect(edge.port) as sock:
                sock.sendall(raw.head_of("/upload", "POST", {"Content-Length": 4 * MEGABYTE}))
                sender = threading.Thread(target=send_quietly, args=(sock, b"x" * (4 * MEGABYTE)), daemon=True)
                sender.start()
                answer = raw.Reader(sock).answer()
                assert (answer.status, answer.body) == (413, b"too large")


class HoldingOrigin(RefusingOrigin):
    """Answers 413 when the whole request is here, of which it reads the head alone; keeps the connection open."""

    def __init__(self, request_bytes):
        self.request_bytes = request_bytes
        self.uploads = []
        super().__init__(0)

    def _serve(self, sock):
        head = sock.recv(65536, socket.MSG_PEEK)
        if b"/healthz" in head:
            return super()._serve(sock)
        self.uploads.append(sock)
        wait_until(lambda: readable_bytes(sock) > self.request_bytes, "the whole request is in the kernel")
        sock.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\ntoo large")
        return None


def readable_bytes(sock):
    return int.from_bytes(fcntl.ioctl(sock, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_the_next_visitor_is_not_sent_after_a_refused_upload(parts, start_edge):
    body = b"x" * 100_000
    origin = HoldingOrigin(len(body))
    parts.append(origin)
    edge = start_edge([origin], workers=1)
    for count in (1, 2):
        answer = edge.get("/upload", method="POST", body=body)
        assert (answer.status, answer.body) == (413, b"too large")
        assert len(origin.uploads) == count  # each on a connection of its own
    for sock in origin.uploads:
        sock.close()


def send_quietly(sock, data):
    try:
        sock.sendall(data)
    except OSError:
        pass


def test_an_origin_that_refuses_an_expectation_is_heard_before_the_body_is_sent(parts, start_edge):
    origin = RefusingOrigin(0)
    parts.append(origin)
    edge = start_edge([origin])
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/upload", "POST", {"Content-Length": 5, "Expect": "100-continue"}))
        answer = raw.Reader(sock).answer()
        assert (answer.status, answer.interim, answer["Connection"]) == (413, [], "close")


def test_via_can_be_switched_off(start_scripted, start_edge):
    origin = start_scripted()
    edge = start_edge([origin], via="off")
    edge.get("/via", headers={"Via": "1.1 other"})
    (request,) = origin.requests("/via")
    assert "via" not in request.headers


def test_no_spelling_of_a_claim_crosses(start_scripted, start_edge):
    origin = start_scripted()
    edge = start_edge([origin], trusted_proxies=["127.0.0.0/8"])
    claims = ("X-Forwarded-Host", "X-Forwarded-Port", "X.Forwarded.Host", "X_Real_IP", "X.Real.IP", "Forwarded", "Proxy",
              "X-Original-URL", "X-Rewrite-URL", "X-Host", "X-HTTP-Method-Override", "X-Forwarded-Prefix")
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/claims", headers={**{name: "evil.example" for name in claims}, "X-Kept": "yes"}))
        assert raw.Reader(sock).answer().status == 200
    (request,) = origin.requests("/claims")
    assert [name for name, value in request.headers.items() if "evil" in value] == []
    assert request.headers["x-kept"] == "yes"
    assert request.headers["x-forwarded-host"] == "shop.example"


def test_plain_http_on_a_port_for_https_is_told_so(two_origins, start_edge, certificates):
    chain, key = certificates("shop.example")
    port = free_port()
    edge = start_edge(two_origins, listen=[{"address": f"127.0.0.1:{port}", "certificates": [{"chain": str(chain), "key": str(key)}]}],
                      port=port)
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/"))
        answer = raw.Reader(sock).answer()
    assert answer.status == 400
    assert b"HTTPS" in answer.body
    metrics = edge.api("/metrics").body.decode()
    failures = [line for line in metrics.splitlines() if line.startswith("tenfold_tls_handshake_failures_total{")]
    assert failures and all(line.endswith(" 0") for line in failures)
