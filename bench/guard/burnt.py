#!/usr/bin/python3
"""What clients' chores cost the edge (http::Chore): its CPU time for each, as the kernel counts it for the process, and
how much of it the edge charges the client (TLS handshakes by its own clock, all else by the prices).

    bench/guard/burnt.py [--rounds 3] [--only handshake]      needs build/release/tenfold; a minute

One worker of the edge on core 0, one client on core 1, over loopback; the median of the rounds. Each chore is done so
often that the kernel's clock ticks (10 ms) make less than a tenth of it; what it needs besides (a connection, a
handshake) is taken off. The origin takes all that it is sent and answers nothing."""

import argparse
import os
import pathlib
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/system"))
from cost import ROOT, cpu_s, free_port, stop, wait_for  # noqa: E402
from support.tls_abuse import TlsClient, client_hello  # noqa: E402

EDGE = """shop: Burnt
workers: 1
listen:
  - {{ address: "127.0.0.1:{port}" }}
{secure}
origins: [ {{ name: shop, servers: [ "127.0.0.1:{origin}" ] }} ]
access_log: "off"
worth: [ {{ name: browse, paths: ["/*"] }} ]
guard: {{ mode: enforce, kernel: "off", deny: [ {{ name: pest, networks: ["127.0.0.9"] }} ] }}
console: {{ address: "127.0.0.1:{console}" }}
store: {folder}/tenfold.db
"""
SECURE = """  - {{ address: "127.0.0.1:{port}", certificates: [ {{ chain: "{folder}/{kind}.pem", key: "{folder}/{kind}.key" }} ] }}"""
KEYS = {"p256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "p384": ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
        "rsa2048": ["rsa:2048"], "rsa4096": ["rsa:4096"]}


def connect(port, source="127.0.0.1"):
    sock = socket.create_connection(("127.0.0.1", port), 5, (source, 0))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def swallow(listener):
    """An origin that takes what comes, and agrees to a tunnel."""
    def take(sock):
        while received := sock.recv(65536):
            if b"upgrade: websocket" in received.lower():
                sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                             b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")

    while True:
        sock, _ = listener.accept()
        threading.Thread(target=take, args=(sock,), daemon=True).start()


def connections(edge, count):
    for _ in range(count):
        connect(edge.port).close()


def bad_requests(edge, count):
    for _ in range(count):
        with connect(edge.port) as sock:
            sock.sendall(b"nonsense\r\n\r\n")
            sock.recv(4096)


def pieces(edge, count):
    for _ in range(count // 200):
        with connect(edge.port) as sock:
            sock.sendall(b"GET /")
            for _ in range(200):
                sock.sendall(b"x")
                time.sleep(0.0005)  # else several are read at once


def tunnel_reads(edge, count):
    with connect(edge.port) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                     b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        if b" 101 " not in sock.recv(4096):
            raise RuntimeError("no tunnel")
        for _ in range(count):
            sock.sendall(b"\x81\x80abcd")  # an empty message
            time.sleep(0.0005)


def framing_kib(edge, count):
    with connect(edge.port) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(count):
            sock.sendall(b"1\r\nx\r\n" * 205)  # five bytes of six are framing


def pipelined(edge, count):
    asked = b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" * 32
    with connect(edge.port) as sock:
        for _ in range(count // 32):
            sock.sendall(asked)
            left = 32
            while left > 0:
                left -= sock.recv(65536).count(b"HTTP/1.1 ")


def turned_down(edge, count):
    with connect(edge.port, "127.0.0.9") as sock:
        for _ in range(count):
            sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            if not sock.recv(65536):
                raise RuntimeError("the connection was closed: the worker is too busy to measure this")


def handshakes_of(kind):
    def handshakes(edge, count):
        hello = client_hello()
        for _ in range(count):
            with connect(edge.secure[kind]) as sock:
                sock.sendall(hello)
                sock.recv(16384)
    handshakes.__name__ = f"handshakes_{kind}"
    return handshakes


def whole_handshakes(edge, count):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for _ in range(count):
        context.wrap_socket(connect(edge.secure["p256"]), server_hostname="shop.example").close()


def hello_pieces(edge, count):
    hello = client_hello()[:200]
    for _ in range(count // 200):
        with connect(edge.secure["p256"]) as sock:
            for byte in hello:
                sock.sendall(bytes([byte]))
                time.sleep(0.0005)


def key_updates(edge, count):
    for _ in range(count // 32):
        with TlsClient(edge.secure["p256"]) as client:
            for _ in range(32):
                client.change_keys()


# The chore, how often, and what it needs of others: (chore, for each).
CHORES = [
    (connections, 3000, []),
    (bad_requests, 2000, [(connections, 1)]),
    (pieces, 6000, [(connections, 1 / 200)]),
    (tunnel_reads, 6000, []),
    (framing_kib, 20000, []),
    (pipelined, 32000, []),
    *((handshakes_of(kind), 300, [(connections, 1)]) for kind in KEYS),
    (hello_pieces, 6000, [(connections, 1 / 200)]),
    (whole_handshakes, 500, [(connections, 1)]),
    (key_updates, 6400, [(whole_handshakes, 1 / 32), (connections, 1 / 32)]),
    (turned_down, 4000, []),  # the last: once another client is here, who burns too much is turned away
]


class Edge:
    def __init__(self, folder):
        self.port, self.console, origin = free_port(), free_port(), socket.create_server(("127.0.0.1", 0))
        self.secure = {kind: free_port() for kind in KEYS}
        threading.Thread(target=swallow, args=(origin,), daemon=True).start()
        for kind, key in KEYS.items():
            subprocess.run(["openssl", "req", "-x509", "-newkey", *key, "-nodes", "-days", "2", "-subj", "/CN=shop.example",
                            "-keyout", folder / f"{kind}.key", "-out", folder / f"{kind}.pem"], check=True, capture_output=True)
        file = folder / "shop.yaml"
        secure = "\n".join(SECURE.format(port=port, folder=folder, kind=kind) for kind, port in self.secure.items())
        file.write_text(EDGE.format(port=self.port, secure=secure, origin=origin.getsockname()[1], console=self.console, folder=folder))
        self.process = subprocess.Popen(["taskset", "-c", "0", ROOT / "build/release/tenfold", "run", "-c", file],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.port)

    def charged_s(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.console}/metrics") as answer:
            return float(re.search(r"^tenfold_guard_burnt_seconds_total (\S+)", answer.read().decode(), re.M).group(1))

    def us_for_each(self, chore, count):
        """Burnt, and charged."""
        charged, before = self.charged_s(), cpu_s(self.process.pid)
        chore(self, count)
        time.sleep(0.1)  # what the last one left behind
        burnt = cpu_s(self.process.pid) - before
        time.sleep(0.2)  # what was charged is gathered ten times a second
        return burnt / count * 1e6, (self.charged_s() - charged) / count * 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="chores whose name has this in it, and what they need besides")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {1 % os.cpu_count()})
    with tempfile.TemporaryDirectory() as name:
        edge = Edge(pathlib.Path(name))
        try:
            own, wanted = {}, [row for row in CHORES if arguments.only in row[0].__name__]
            needs = {other for row in wanted for other, _ in row[2]}
            print(f"{'chore':20} {'us each':>8} {'charged':>8}   rounds")
            for chore, count, needed in [row for row in CHORES if row in wanted or row[0] in needs]:
                rows = [edge.us_for_each(chore, count) for _ in range(arguments.rounds)]
                taken_off = [sum(own[other][which] * share for other, share in needed) for which in (0, 1)]
                times = [burnt - taken_off[0] for burnt, _ in rows]
                own[chore] = statistics.median(times), statistics.median(charged for _, charged in rows) - taken_off[1]
                print(f"{chore.__name__:20} {own[chore][0]:8.1f} {own[chore][1]:8.1f}   {' '.join(f'{each:.1f}' for each in times)}",
                      flush=True)
        finally:
            stop(edge.process)


if __name__ == "__main__":
    main()
