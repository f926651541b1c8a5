"""Clients that cost the edge its own time and no origin anything: what each may burn, and that customers are served."""

import contextlib
import socket
import time

import pytest
from support import raw
from support.besieged import besiege, fill_cart, shielded_settings
from support.processes import free_port, wait_until
from support.tls_abuse import TLS_1_2, TlsClient, client_hello, long_client_hello

pytestmark = pytest.mark.alone


@pytest.fixture
def start_abused(small_shop, start_edge, certificates):
    """An edge of one worker with the shield on; start(**settings) -> the edge and its port for TLS."""
    def start(**settings):
        plain, secure = free_port(), free_port()
        chain, key = certificates("shop.example")
        listeners = [{"address": f"127.0.0.1:{plain}"},
                     {"address": f"127.0.0.1:{secure}", "certificates": [{"chain": str(chain), "key": str(key)}]}]
        settings = {**shielded_settings(small_shop), **settings}
        edge = start_edge([small_shop], port=plain, listen=listeners, workers=1, **settings)
        return edge, secure
    return start


def abuse(port, source, sends, times):
    """So many connections that send this and leave; how many were turned away before they could."""
    turned_away = 0
    for _ in range(times):
        with contextlib.suppress(OSError), raw.connect(port, source=source) as sock:
            sock.settimeout(5)
            try:
                sock.sendall(sends)
                turned_away += sock.recv(1) == b""
            except ConnectionError:
                turned_away += 1
    return turned_away


def assert_served(edge, customer):
    began = time.monotonic()
    assert edge.get("/cart", headers={"Cookie": customer}).status == 200
    assert time.monotonic() - began < 3


def test_key_updates_without_end_close_the_connection(start_abused):
    _, port = start_abused()
    with TlsClient(port) as client:
        for _ in range(32):
            assert client.change_keys()
        assert client.ask().startswith(b"HTTP/1.1 200")
        client.change_keys()
        assert client.ask() == b""


def test_renegotiation_is_refused(start_abused):
    _, port = start_abused()
    with TlsClient(port, most_version=TLS_1_2) as client:
        assert client.ask().startswith(b"HTTP/1.1 200")
        assert not client.negotiate_anew()


def test_a_client_hello_of_more_than_16_kib_is_refused(start_abused):
    _, port = start_abused()

    def is_answered(hello):
        with raw.connect(port) as sock:
            try:
                sock.sendall(hello)
                return sock.recv(1) == b"\x16"
            except ConnectionError:
                return False
    assert is_answered(client_hello())
    assert is_answered(long_client_hello(15000))
    assert not is_answered(long_client_hello(16384))
    assert not is_answered(long_client_hello(60000))


def test_who_begins_handshakes_without_end_is_turned_away_in_a_siege(start_abused, start_flood):
    edge, port = start_abused()
    customer = fill_cart(edge)
    hello = client_hello()
    besiege(edge, start_flood)
    turned_away = 0
    for _ in range(40):  # each some 50 ms of a core; a client has 500 ms, and 25 ms a second
        turned_away += abuse(port, "127.0.0.9", hello, 100)
        assert_served(edge, customer)
        if turned_away > 100:
            break
    assert turned_away > 100
    assert abuse(port, "127.0.0.1", hello, 5) == 0, "customers come from there"


def closed_by_edge(sock, sends, reads=1):
    """Sends, and waits for nothing; whether the other side has ended the connection by then."""
    sock.setblocking(False)
    try:
        sock.sendall(sends)
        return sock.recv(reads) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def trickle(port, source, sends, connections=50):
    """So many connections that each send it in pieces of a byte, in turn; whether one was ended before it had sent all."""
    with contextlib.ExitStack() as open_ones:
        sockets = [open_ones.enter_context(raw.connect(port, source=source)) for _ in range(connections)]
        for sock in sockets:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return any(closed_by_edge(sock, bytes([byte])) for byte in sends for sock in sockets)


def test_a_handshake_in_pieces_is_charged_for_each_of_them(start_abused):
    edge, port = start_abused()
    charged = "tenfold_guard_burnt_seconds_total"

    def charge_for_one():
        before = edge.metric(charged)
        assert not trickle(port, "127.0.0.9", client_hello()[:-1], connections=10)
        wait_until(lambda: edge.metric(charged) > before, "it is counted")
        return (edge.metric(charged) - before) / 10

    # As a whole it is some 100 us. How many pieces are read at once is the machine's to say.
    wait_until(lambda: charge_for_one() > 0.002, "each piece is charged", deadline_s=60)


def test_who_begins_handshakes_byte_by_byte_is_ended_in_the_middle_of_them_in_a_siege(start_abused, start_flood):
    edge, port = start_abused(limits={"handshake_timeout": "2m"})
    customer = fill_cart(edge)
    besiege(edge, start_flood)
    assert trickle(port, "127.0.0.9", long_client_hello(15000)[:-1])
    wait_until(lambda: edge.metric("tenfold_guard_burnt_closed_total") > 0, "it is counted")
    assert not trickle(port, "127.0.0.1", client_hello()[:-1], connections=5), "customers come from there"
    assert_served(edge, customer)


def test_who_sends_bad_requests_without_end_is_turned_away_in_a_siege(start_abused, start_flood):
    edge, _ = start_abused()
    customer = fill_cart(edge)
    besiege(edge, start_flood)

    def goes_on():
        abuse(edge.port, "127.0.0.9", b"nonsense\r\n\r\n", 500)
        assert_served(edge, customer)
        return edge.metric("tenfold_guard_burnt_turned_away_total") > 100

    wait_until(goes_on, "it is turned away", deadline_s=60)
    shown = edge.api_json("/api/v1/clients")["clients"]
    assert any(each["prefix"] == "127.0.0.9" and each["burnt_us_per_s"] > 0 for each in shown)


@contextlib.contextmanager
def open_tunnel(edge, source):
    with raw.connect(edge.port, source=source) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(raw.head_of("/live", headers={
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}))
        assert raw.Reader(sock).head()[0] == 101
        yield sock


def test_who_floods_tunnels_with_tiny_frames_has_them_ended_in_a_siege_and_a_chat_goes_on(
        start_abused, small_shop, start_scripted, start_flood):
    echo = start_scripted()  # besides the shop that is besieged
    edge, _ = start_abused(origins=[*shielded_settings(small_shop)["origins"], {"name": "live", "servers": [echo.address]}],
                           routes=[{"paths": ["/live"], "origins": ["live"]}, {"paths": ["/*"], "origins": ["shop"]}])
    customer = fill_cart(edge)
    with contextlib.ExitStack() as tunnels:
        chat = tunnels.enter_context(open_tunnel(edge, "127.0.0.8"))
        floods = [tunnels.enter_context(open_tunnel(edge, "127.0.0.9")) for _ in range(20)]
        besiege(edge, start_flood)

        def goes_on():
            ended = False
            for _ in range(100):
                ended |= any([closed_by_edge(flood, b"\x81\x80abcd", reads=65536) for flood in floods])
            chat.sendall(b"hello")
            assert chat.recv(5) == b"hello"
            return ended

        wait_until(goes_on, "they are ended", deadline_s=60)
        assert_served(edge, customer)


def test_silent_and_slow_connections_end_in_their_time(start_abused):
    edge, _ = start_abused(limits={"head_timeout": "2s", "body_timeout": "2s"})
    customer = fill_cart(edge)
    slow = []
    with contextlib.ExitStack() as open_ones:
        for begin in (b"", b"GET / HT", raw.head_of("/cart", method="POST", headers={"Content-Length": "100"}) + b"x"):
            for _ in range(50):
                sock = open_ones.enter_context(raw.connect(edge.port, source="127.0.0.9"))
                sock.sendall(begin)
                slow.append(sock)
        assert_served(edge, customer)
        wait_until(lambda: edge.metric("tenfold_open_connections") == 0, "all have ended", deadline_s=30)
        assert_served(edge, customer)
    assert edge.metric("tenfold_slow_requests_total") >= 50, "those of half a head; who says nothing is idle"


def test_tiny_chunks_and_endless_pipelining_are_counted_and_keep_nobody_waiting(start_abused):
    edge, _ = start_abused()
    customer = fill_cart(edge)
    with raw.connect(edge.port, source="127.0.0.9") as chunks, raw.connect(edge.port, source="127.0.0.9") as pipelined:
        for sock in (chunks, pipelined):
            sock.settimeout(0.2)
        chunks.sendall(raw.head_of("/cart", method="POST", headers={"Transfer-Encoding": "chunked"}))
        for _ in range(20):
            for sock, sends in ((chunks, b"1\r\nx\r\n" * 2000), (pipelined, b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" * 200)):
                with contextlib.suppress(OSError):  # full, or over
                    sock.sendall(sends)
            assert_served(edge, customer)
        before = edge.metric("tenfold_guard_burnt_seconds_total")
    wait_until(lambda: edge.metric("tenfold_guard_burnt_seconds_total") > before + 0.0005, "it is counted as they end")
    assert edge.metric("tenfold_guard_burnt_turned_away_total") == 0


def test_one_cookie_keeps_twelve_connections_at_checkout_and_no_more(start_abused):
    edge, _ = start_abused(limits={"connections": 20, "idle_timeout": "10m", "head_timeout": "10m"})
    customer = fill_cart(edge)

    def ask(path, **headers):
        """A connection on which that was answered; None where it is turned away."""
        sock = open_ones.enter_context(raw.connect(edge.port))
        try:
            sock.sendall(raw.head_of(path, headers=headers))
            return sock if raw.Reader(sock).answer().status == 200 else None
        except OSError:
            return None

    with contextlib.ExitStack() as open_ones:
        held = []
        while len(held) < 20:  # what was there before them goes
            held += [sock for sock in [ask("/cart", Cookie=customer)] if sock]

        def comes_in():
            newcomer = ask("/")
            if newcomer:
                newcomer.sendall(b"GET /")  # and is idle no more
            return newcomer is not None

        for _ in range(8):  # the first after ten seconds, in which any customer's connection stays
            wait_until(comes_in, "a newcomer is let in", deadline_s=40)
        assert not any(comes_in() for _ in range(20))
        assert edge.metric("tenfold_connections_of_customers_displaced_total") == 8
