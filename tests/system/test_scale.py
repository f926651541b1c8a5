"""Large and many: bodies of gigabytes, ten thousand idle connections, with memory that stays flat."""

import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest
from support import raw
from support.processes import ROOT, free_port, wait_until

pytestmark = pytest.mark.alone

FIVE_GB = 5_000_000_000
# What buffers on both sides and the allocator's slack may take above the start; a body must not.
FLAT_BYTES = 48 << 20
IDLE_CONNECTIONS = 10_000
BYTES_PER_IDLE_CONNECTION = 4096


class MemoryWatch:
    """The highest resident memory of a program while the block runs."""

    def __init__(self, program):
        self.program = program
        self.start = self.highest = program.resident_bytes()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.stop.wait(0.05):
            self.highest = max(self.highest, self.program.resident_bytes())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def grown(self):
        return self.highest - self.start


def read_away(sock, count):
    buffer = bytearray(1 << 20)
    while count:
        received = sock.recv_into(buffer, min(count, len(buffer)))
        assert received, f"closed with {count} bytes to come"
        count -= received


def test_5_gb_down_with_flat_memory_and_a_pause_of_the_reader(two_origins, start_edge):
    origin = two_origins[0]
    with open(origin.folder / "files" / "film", "wb") as file:
        file.truncate(FIVE_GB)  # A hole: it takes no room on the disk.
    edge = start_edge([origin])
    edge.get("/plain/100k")
    with MemoryWatch(edge) as memory, raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/plain/film"))
        reader = raw.Reader(sock)
        status, headers = reader.head()
        assert (status, headers["content-length"]) == (200, str(FIVE_GB))
        left = FIVE_GB - len(reader.data)
        read_away(sock, left // 2)
        time.sleep(1)  # The reader stops: what the origin sends on must wait there, not in the edge.
        read_away(sock, left - left // 2)
    assert memory.grown() < FLAT_BYTES, f"grew by {memory.grown() >> 20} MiB"


def test_5_gb_up_with_flat_memory(start_scripted, start_edge):
    origin = start_scripted()
    edge = start_edge([origin])
    edge.get("/warm")
    block = bytes(1 << 20)
    with MemoryWatch(edge) as memory, raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/upload", "PUT", {"Content-Length": FIVE_GB}))
        left = FIVE_GB
        while left:
            part = block if left >= len(block) else block[:left]
            sock.sendall(part)
            left -= len(part)
        assert raw.Reader(sock).answer().status == 200
    (request,) = origin.requests("/upload")
    assert request.whole and request.body_bytes == FIVE_GB
    assert memory.grown() < FLAT_BYTES, f"grew by {memory.grown() >> 20} MiB"


def test_a_slow_origin_of_a_large_upload_holds_the_client_back(start_edge, parts):
    """Backpressure: the origin reads nothing; the client's sending stops and the edge's memory with it."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken = []

    class DeafOrigin:
        address = f"127.0.0.1:{listener.getsockname()[1]}"

        @staticmethod
        def stop():
            listener.close()

    def accept():
        while True:
            try:
                taken.append(listener.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    parts.append(DeafOrigin)
    edge = start_edge([DeafOrigin])
    with MemoryWatch(edge) as memory, raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/upload", "PUT", {"Content-Length": FIVE_GB}))
        sock.settimeout(1.5)
        sent = 0
        with pytest.raises((TimeoutError, OSError)):
            while True:
                sent += sock.send(bytes(1 << 20))
                assert sent < 500_000_000, "nobody holds the client back"
    assert memory.grown() < FLAT_BYTES, f"grew by {memory.grown() >> 20} MiB"


def hold_connections(edge, count, path):
    clients = subprocess.Popen([sys.executable, "-B", ROOT / "bench" / "peers" / "idle_clients.py", str(edge.port), str(count), path],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert clients.stdout.readline().strip() == "ready", "not every connection was served"
    except BaseException:
        clients.kill()
        clients.wait()
        raise
    return clients


def let_go(clients):
    clients.stdin.close()
    clients.wait(30)


def test_10000_idle_connections_take_4_kb_each_at_most(two_origins, start_edge):
    edge = start_edge(two_origins, limits={"idle_timeout": "10m"})
    let_go(hold_connections(edge, 200, "/plain/1k"))
    wait_until(lambda: edge.open_files() < 200, "the first 200 are closed")
    before, files_before = edge.resident_bytes(), edge.open_files()
    clients = hold_connections(edge, IDLE_CONNECTIONS, "/plain/1k")
    try:
        assert edge.open_files() - files_before >= IDLE_CONNECTIONS
        each = (edge.resident_bytes() - before) / IDLE_CONNECTIONS
        assert edge.get("/plain/1k").status == 200
    finally:
        let_go(clients)
    wait_until(lambda: edge.open_files() < files_before + 100, "all are closed", 20)
    assert each <= BYTES_PER_IDLE_CONNECTION, f"{each:.0f} bytes each"


def hold_all_places(edge, count):
    """Connections that are all let in and served: the limit is one for all workers, however the kernel spreads them."""
    # The connection that found out whether the port is open counts too, until its worker has seen its end.
    wait_until(lambda: (edge.metric("tenfold_connections_total"), edge.metric("tenfold_open_connections")) == (1, 0),
               "it has come and gone")
    held = [raw.connect(edge.port) for _ in range(count)]
    for sock in held:
        sock.sendall(raw.head_of("/plain/1k"))
        assert raw.Reader(sock).answer().status == 200
    return held


def is_served(ask):
    try:
        return ask() == 200
    except OSError:  # turned away
        return False


def test_past_the_limit_of_connections_a_new_one_is_closed_at_once_where_all_are_busy(two_origins, start_edge):
    edge = start_edge(two_origins, limits={"connections": 50, "head_timeout": "10m"})
    held = hold_all_places(edge, 50)
    for sock in held:
        sock.sendall(b"GET /plain/1k HTTP/1.1\r\n")
    for _ in range(20):
        with raw.connect(edge.port) as sock:
            assert raw.Reader(sock).is_closed(), "the one too many was let in"
    assert edge.metric("tenfold_connections_displaced_total") == 0
    for sock in held:
        sock.close()
    wait_until(lambda: is_served(lambda: edge.get("/plain/1k").status), "served when there is room again")


def test_connections_that_are_idle_keep_nobody_out(two_origins, start_edge):
    edge = start_edge(two_origins, limits={"connections": 50, "idle_timeout": "10m"})
    held = hold_all_places(edge, 50)
    wait_until(lambda: is_served(lambda: edge.get("/plain/1k").status), "a newcomer is served")
    displaced = edge.metric("tenfold_connections_displaced_total")
    assert 1 <= displaced < 50
    last = held[-1]
    last.sendall(raw.head_of("/plain/1k"))
    assert raw.Reader(last).answer().status == 200, "one was displaced that had been idle for less long than others"
    for sock in held:
        sock.close()


def test_connections_that_never_say_a_word_keep_nobody_out(two_origins, start_edge, certificates):
    chain, key = certificates("shop.example")
    port = free_port()
    listen = [{"address": f"127.0.0.1:{port}", "certificates": [{"chain": str(chain), "key": str(key)}]}]
    edge = start_edge(two_origins, port=port, listen=listen, limits={"connections": 50, "head_timeout": "10m"})
    silent = [raw.connect(port) for _ in range(60)]  # no TLS hello, whichever of them are let in
    trusted = ssl.create_default_context(cafile=chain)

    newcomers = []

    def ask():
        newcomers.append(trusted.wrap_socket(raw.connect(port), server_hostname="shop.example"))
        newcomers[-1].sendall(raw.head_of("/plain/1k"))
        return raw.Reader(newcomers[-1]).answer().status

    # All stay, so that what the start of the edge left free is no place for each of them.
    for _ in range(3):
        wait_until(lambda: is_served(ask), "a newcomer is served")
    assert edge.metric("tenfold_connections_displaced_total") >= 1
    for sock in newcomers:
        sock.close()
    for sock in silent:
        sock.close()


def test_idle_connections_keep_nobody_off_the_console(two_origins, start_edge):
    edge = start_edge(two_origins)
    held = [raw.connect(edge.console_port) for _ in range(300)]  # more than the console serves at one time
    assert edge.api("/healthz").status == 200
    for sock in held:
        sock.close()
