"""SIGTERM ends everything within the drain time, whatever is under way."""

import os
import signal
import socket
import threading
import time

import pytest
from support import raw
from support.processes import wait_until

DRAIN = {"drain": "1s", "answer_timeout": "10m", "stream_timeout": "10m", "body_timeout": "10m", "tunnel_idle": "10m",
         "write_timeout": "10m", "idle_timeout": "10m"}
# Of the drain time, a machine that builds meanwhile and what follows the last connection.
ENDS_WITHIN_S = 8


class Stubborn:
    """An origin that says what `say(sock, target)` says, for each request, in a thread of its own."""

    def __init__(self, say):
        self.say = say
        self.asked = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            with sock:
                head = raw.Reader(sock).until(b"\r\n\r\n").decode("latin-1")
                target = head.split(" ")[1]
                if target == "/healthz":
                    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                    return
                self.asked.append(target)
                self.say(sock, target)
        except (OSError, ConnectionError):
            pass

    def stop(self):
        self.listener.close()


def trickle(sock):
    while True:
        sock.sendall(b"x")
        time.sleep(0.3)


def hang(sock, _target):
    sock.settimeout(120)
    while sock.recv(65536):
        pass


@pytest.fixture
def stubborn(parts):
    def start(say):
        origin = Stubborn(say)
        parts.append(origin)
        return origin

    return start


def assert_ends(edge):
    began = time.monotonic()
    edge.signal(signal.SIGTERM)
    assert edge.wait(30) == 0
    assert time.monotonic() - began < ENDS_WITHIN_S, edge.log()


def test_a_refresh_that_trickles(stubborn, start_edge):
    def say(sock, target):
        if origin.asked.count(target) == 1:
            sock.sendall(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=1, stale-while-revalidate=600\r\nContent-Length: 2\r\n"
                         b"Connection: close\r\n\r\nok")
            return
        sock.sendall(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=1, stale-while-revalidate=600\r\nContent-Length: 100000\r\n\r\n")
        trickle(sock)

    origin = stubborn(say)
    edge = start_edge([origin], limits=DRAIN)
    assert edge.get("/page").status == 200
    time.sleep(2.1)
    assert edge.get("/page").status == 200
    wait_until(lambda: len(origin.asked) == 2, "the refresh is under way")
    assert_ends(edge)


def begin(edge, request):
    sock = raw.connect(edge.port)
    sock.sendall(request)
    return sock


GET = b"GET /page HTTP/1.1\r\nHost: shop.example\r\n\r\n"


@pytest.mark.parametrize("say", ["nothing", "half"])
def test_an_answer_that_does_not_come(stubborn, start_edge, say):
    def half(sock, target):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + 100_000 * b"x")
        hang(sock, target)

    origin = stubborn(half if say == "half" else hang)
    edge = start_edge([origin], limits=DRAIN)
    with begin(edge, GET), begin(edge, GET):  # the second waits for the first one's fetch
        wait_until(lambda: origin.asked, "it is asked")
        time.sleep(0.3)
        assert_ends(edge)


def test_a_client_that_left_while_the_cache_takes_the_body_in(stubborn, start_edge):
    def say(sock, _target):
        sock.sendall(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nETag: \"a\"\r\nContent-Length: 100000\r\n\r\n")
        trickle(sock)

    origin = stubborn(say)
    edge = start_edge([origin], limits=DRAIN)
    with begin(edge, b"GET /page HTTP/1.1\r\nHost: shop.example\r\nIf-None-Match: \"a\"\r\n\r\n") as sock:
        assert raw.Reader(sock).head()[0] == 304
        assert_ends(edge)


def test_a_tunnel_on_which_nothing_is_said(start_scripted, start_edge):
    edge = start_edge([start_scripted()], limits=DRAIN)
    handshake = (b"GET /chat HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                 b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    with begin(edge, handshake) as sock, begin(edge, handshake) as half:
        assert raw.Reader(sock).head()[0] == 101
        assert raw.Reader(half).head()[0] == 101
        half.shutdown(socket.SHUT_WR)
        time.sleep(0.3)
        assert_ends(edge)


@pytest.mark.parametrize("sent", [0, 10_000, 69_000])
def test_an_upload_that_stalls(stubborn, start_edge, sent):
    edge = start_edge([stubborn(hang)], limits=DRAIN)
    with begin(edge, b"POST /photo HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 70000\r\n\r\n" + sent * b"x"):
        time.sleep(0.3)
        assert_ends(edge)


def test_an_upload_that_the_origin_does_not_take(stubborn, start_edge):
    def say(_sock, _target):
        time.sleep(120)

    edge = start_edge([stubborn(say)], limits={**DRAIN, "body": "1GiB"})
    with raw.connect(edge.port) as sock:
        sock.sendall(b"POST /photo HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 100000000\r\n\r\n")
        sock.settimeout(1)
        try:
            while True:
                sock.sendall(100_000 * b"x")
        except TimeoutError:
            pass
        assert_ends(edge)


def test_a_client_that_does_not_read(two_origins, start_edge):
    with open(two_origins[0].folder / "files" / "large", "wb") as file:
        file.truncate(60_000_000)
    edge = start_edge(two_origins[:1], limits=DRAIN)
    with begin(edge, b"GET /plain/large HTTP/1.1\r\nHost: shop.example\r\n\r\n"):
        time.sleep(0.5)
        assert_ends(edge)


def test_requests_that_wait_for_a_place(stubborn, start_edge):
    origin = stubborn(hang)
    edge = start_edge([origin], limits=DRAIN, workers=1,
                      origins=[{"name": "shop", "servers": [origin.address], "max_connections": 1, "timeouts": {"queue": "10m"}}])
    with begin(edge, b"GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n"), begin(edge, b"GET /b HTTP/1.1\r\nHost: shop.example\r\n\r\n"):
        wait_until(lambda: origin.asked, "one has the place")
        time.sleep(0.3)
        assert_ends(edge)


def test_a_health_check_that_gets_no_answer(start_edge):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        edge = start_edge([], limits=DRAIN, origins=[{"name": "shop", "servers": [address]}],
                          health={"path": "/healthz", "timeout": "5m"})
        assert_ends(edge)


def test_the_consoles_events(two_origins, start_edge):
    edge = start_edge(two_origins, limits=DRAIN)
    with raw.connect(edge.console_port) as sock:
        sock.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{edge.console_port}\r\n\r\n".encode())
        time.sleep(0.3)
        assert_ends(edge)


def test_an_access_log_that_nobody_reads(two_origins, start_edge, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        edge = start_edge(two_origins, limits=DRAIN, access_log={"path": str(pipe)})
        with raw.connect(edge.port) as sock:
            answers = raw.Reader(sock)
            for _ in range(2000):
                sock.sendall(raw.head_of("/plain/1k"))
                answers.answer()
        assert_ends(edge)
    finally:
        os.close(reader)
