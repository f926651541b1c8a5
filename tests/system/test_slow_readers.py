"""Clients that ask and read the answer slowly or not at all: what they may hold of the origins and of the kernel's memory."""

import hashlib
import os

from support import raw
from support.processes import wait_until

PAGE = os.urandom(400_000)
DOWNLOAD = os.urandom(12_000_000)


def answer(request):
    body = {"/page": PAGE, "/download": DOWNLOAD}.get(request.target.partition("?")[0], b"small" * 20)
    return 200, {"Cache-Control": "no-store"}, body


def ask(edge, path, source="127.0.0.1"):
    """A connection that has asked, and whose receive window is a few kilobytes."""
    sock = raw.connect(edge.port, receive_buffer=4096, source=source)
    sock.sendall(raw.head_of(path, headers={"Connection": "close"}))
    return sock


def body_of(sock):
    with sock:
        return raw.Reader(sock).answer().body


def is_same(body, expected):
    return hashlib.sha256(body).digest() == hashlib.sha256(expected).digest()


def test_slow_readers_of_pages_hold_no_places(start_scripted, start_edge):
    origin = start_scripted(answer)
    edge = start_edge([origin], workers=1,
                      origins=[{"name": "shop", "servers": [origin.address], "max_connections": 4}])
    readers = [ask(edge, f"/page?{i}", f"127.0.0.{1 + i}") for i in range(20)]
    # Four places for twenty pages that nobody reads, and for who comes then.
    wait_until(lambda: len([each for each in origin.requests() if each.target.startswith("/page")]) == 20,
               "all pages to be asked for", deadline_s=20)
    assert edge.get("/small").status == 200
    assert edge.metric("tenfold_origin_holds_denied_total") == 0
    assert all(is_same(body_of(reader), PAGE) for reader in readers)
    wait_until(lambda: edge.metric("tenfold_answer_memory_bytes") == 0, "the memory to be given back")


def test_a_download_stays_at_its_origin_and_takes_no_memory(start_scripted, start_edge):
    origin = start_scripted(answer)
    edge = start_edge([origin], workers=1)
    reader = ask(edge, "/download")
    wait_until(lambda: origin.requests("/download"), "the download to be asked for")
    assert edge.get("/small").status == 200
    assert edge.metric("tenfold_answer_memory_bytes") == 0
    assert is_same(body_of(reader), DOWNLOAD)


def test_who_asks_again_and_again_and_reads_nothing_waits(start_scripted, start_edge):
    origin = start_scripted(lambda request: (200, {"Cache-Control": "max-age=600"}, b"x" * 7000))
    edge = start_edge([origin], workers=1)
    assert edge.get("/page").status == 200
    with raw.connect(edge.port, receive_buffer=4096) as sock:
        sock.sendall(raw.head_of("/page") * 99 + raw.head_of("/page", headers={"Connection": "close"}))
        wait_until(lambda: edge.metric("tenfold_requests_held_back_total") == 1, "the first that is held back")
        # Some kilobytes may be on their way before the next is held back.
        assert edge.metric("tenfold_requests_total") < 30
        reader = raw.Reader(sock)
        for _ in range(100):
            assert reader.answer().body == b"x" * 7000
    assert edge.metric("tenfold_slow_readers_total") == 0
