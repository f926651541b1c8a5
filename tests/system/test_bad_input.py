"""HTTP that two parsers could read two ways gets 400 and a closed connection, and no origin ever sees it."""

import re
import time

import pytest
from support import raw
from support.processes import wait_until

HEAD = b"Host: shop.example\r\n"

# Everything here is malformed in its head: nothing of it may reach an origin.
BAD_HEADS = {
    "both length headers": b"POST /bad HTTP/1.1\r\n" + HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two different lengths": b"POST /bad HTTP/1.1\r\n" + HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "a list of different lengths": b"POST /bad HTTP/1.1\r\n" + HEAD + b"Content-Length: 5, 6\r\n\r\nhello",
    "a length with a sign": b"POST /bad HTTP/1.1\r\n" + HEAD + b"Content-Length: +5\r\n\r\nhello",
    "a length in hexadecimal": b"POST /bad HTTP/1.1\r\n" + HEAD + b"Content-Length: 0x5\r\n\r\nhello",
    "a length too large for any number": b"POST /bad HTTP/1.1\r\n" + HEAD + b"Content-Length: 99999999999999999999999\r\n\r\nhello",
    "an unknown transfer coding": b"POST /bad HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "an unknown coding before chunked": b"POST /bad HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n",
    "identity before chunked": b"POST /bad HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
    "a target of another host": b"GET http://other.example/bad HTTP/1.1\r\n" + HEAD + b"\r\n",
    "chunked not last": b"POST /bad HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunked twice": b"POST /bad HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "transfer coding in HTTP/1.0": b"POST /bad HTTP/1.0\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bare line feeds": b"GET /bad HTTP/1.1\nHost: shop.example\n\n",
    "a bare line feed in the fields": b"GET /bad HTTP/1.1\r\n" + HEAD + b"A: b\nC: d\r\n\r\n",
    "a bare carriage return in a value": b"GET /bad HTTP/1.1\r\n" + HEAD + b"A: b\rC: d\r\n\r\n",
    "a folded field": b"GET /bad HTTP/1.1\r\n" + HEAD + b"A: b\r\n c\r\n\r\n",
    "a space before the colon": b"POST /bad HTTP/1.1\r\n" + HEAD + b"Content-Length : 5\r\n\r\nhello",
    "a field without a colon": b"GET /bad HTTP/1.1\r\n" + HEAD + b"nonsense\r\n\r\n",
    "a field without a name": b"GET /bad HTTP/1.1\r\n" + HEAD + b": value\r\n\r\n",
    "a NUL in a value": b"GET /bad HTTP/1.1\r\n" + HEAD + b"A: b\x00c\r\n\r\n",
    "a NUL in the target": b"GET /bad\x00 HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a control byte in a name": b"GET /bad HTTP/1.1\r\n" + HEAD + b"A\x01B: c\r\n\r\n",
    "no Host": b"GET /bad HTTP/1.1\r\nA: b\r\n\r\n",
    "two Hosts": b"GET /bad HTTP/1.1\r\n" + HEAD + b"Host: other.example\r\n\r\n",
    "a Host with a space": b"GET /bad HTTP/1.1\r\nHost: shop.example evil\r\n\r\n",
    "two spaces in the request line": b"GET  /bad HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a tab in the request line": b"GET\t/bad\tHTTP/1.1\r\n" + HEAD + b"\r\n",
    "a space in the target": b"GET /bad thing HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a method that is no token": b"GE(T /bad HTTP/1.1\r\n" + HEAD + b"\r\n",
    "lower-case http": b"GET /bad http/1.1\r\n" + HEAD + b"\r\n",
    "whitespace before the first field": b"GET /bad HTTP/1.1\r\n " + HEAD + b"\r\n",
    "a TLS handshake on the plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40,
}

# Malformed in the body, near enough to its beginning that nothing of the request may reach an origin either.
BAD_BODIES = {
    "a chunk size with a prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a chunk size with a sign": b"+5\r\nhello\r\n0\r\n\r\n",
    "a negative chunk size": b"-5\r\nhello\r\n0\r\n\r\n",
    "an empty chunk size": b"\r\nhello\r\n0\r\n\r\n",
    "a chunk size past 64 bits": b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "a space before the chunk size": b" 5\r\nhello\r\n0\r\n\r\n",
    "a chunk longer than it says": b"5\r\nhello world\r\n0\r\n\r\n",
    "a bare line feed after the size": b"5\nhello\r\n0\r\n\r\n",
    "a bare line feed after the data": b"5\r\nhello\n0\r\n\r\n",
    "a bare line feed at the end": b"5\r\nhello\r\n0\r\n\n",
}

STATUS_LINE = re.compile(rb"HTTP/1\.1 \d{3} ")
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: shop.example\r\n\r\n"


@pytest.fixture
def origin(start_scripted):
    return start_scripted(lambda request: (200, {"Cache-Control": "no-store"}, b"ok"))


@pytest.fixture
def edge(origin, start_edge):
    return start_edge([origin], limits={"head_timeout": "1s", "body_timeout": "1s", "write_timeout": "2s"})


def test_a_head_that_can_be_read_two_ways_is_refused_and_reaches_no_origin(origin, edge):
    wrong = []
    for name, request in BAD_HEADS.items():
        with raw.connect(edge.port) as sock:
            sock.sendall(request + SMUGGLED)
            reader = raw.Reader(sock)
            closed = reader.is_closed()
            answer = reader.data
            if not closed or not answer.startswith(b"HTTP/1.1 400 ") or len(STATUS_LINE.findall(answer)) != 1:
                # A transfer coding that is not known may be answered with 501 as well (RFC 9112, 6.1).
                if not (closed and name == "an unknown transfer coding" and answer.startswith(b"HTTP/1.1 501 ")):
                    wrong.append(f"{name}: closed={closed} {answer[:120]!r}")
    reached = [f"{request.method} {request.target}" for request in origin.requests()]
    assert (wrong, reached) == ([], [])
    assert edge.get("/good").status == 200


def test_a_body_that_can_be_read_two_ways_ends_the_connection(origin, edge):
    wrong = []
    for name, body in BAD_BODIES.items():
        with raw.connect(edge.port) as sock:
            sock.sendall(b"POST /bad HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body + SMUGGLED)
            reader = raw.Reader(sock)
            closed = reader.is_closed()
            if not closed or not reader.data.startswith(b"HTTP/1.1 400 "):
                wrong.append(f"{name}: closed={closed} {reader.data[:120]!r}")
    assert wrong == []
    assert origin.requests() == []


def test_a_body_that_goes_wrong_later_is_no_whole_request(origin, edge):
    with raw.connect(edge.port) as sock:
        sock.sendall(b"POST /bad HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + 100 * (b"400\r\n" + 1024 * b"p" + b"\r\n") + b"x\r\n" + SMUGGLED)
        reader = raw.Reader(sock)
        assert reader.is_closed() and reader.data.startswith(b"HTTP/1.1 400 ")
    assert [request for request in origin.requests("/bad") if request.whole] == []
    assert origin.requests("/smuggled") == []


def test_a_head_past_its_limits_is_refused(origin, edge):
    wrong = []
    for name, status, request in (
        ("a long target", b"414", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n"),
        ("long fields", b"431", b"GET /bad HTTP/1.1\r\n" + HEAD + b"A: " + b"b" * 40_000 + b"\r\n\r\n"),
        ("many fields", b"431", b"GET /bad HTTP/1.1\r\n" + HEAD + b"A: b\r\n" * 101 + b"\r\n"),
    ):
        with raw.connect(edge.port) as sock:
            sock.sendall(request)
            reader = raw.Reader(sock)
            if not reader.is_closed() or not reader.data.startswith(b"HTTP/1.1 " + status):
                wrong.append(f"{name}: {reader.data[:100]!r}")
    assert wrong == []
    assert origin.requests() == []
    edge.wait_for_log(lambda line: '"-" 414 ' in line, "a line for the long target")
    wait_until(lambda: sum('"-" 431 ' in line for line in edge.access_log()) == 2, "a line for each of the others")


def test_a_body_past_its_limit_is_refused(origin, start_edge):
    edge = start_edge([origin], limits={"body": "1MiB"})
    answer = edge.get("/fits", method="POST", body=b"x" * (1 << 20))
    assert answer.status == 200
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/large", "POST", {"Content-Length": (1 << 20) + 1}))
        assert raw.Reader(sock).answer().status == 413
    assert origin.requests("/large") == []
    edge.wait_for_log(lambda line: '"POST /large HTTP/1.1" 413 ' in line, "a line that names it")


def test_a_slow_head_is_given_up_while_others_are_served(origin, edge):
    slow = []
    for _ in range(200):
        sock = raw.connect(edge.port)
        sock.sendall(b"GET /slow HTTP/1.1\r\nHost: shop")
        slow.append(sock)
    began = time.monotonic()
    assert edge.get("/quick").status == 200
    assert time.monotonic() - began < 1
    for sock in slow:
        reader = raw.Reader(sock)
        assert reader.is_closed(5)
        assert reader.data == b"" or reader.data.startswith(b"HTTP/1.1 408")
        sock.close()
    # One byte now and then does not keep a head alive: the limit is for the whole of it. After the answer the edge reads
    # on for a few seconds, so that the answer is not lost to a reset, and then closes.
    with raw.connect(edge.port) as sock:
        began = time.monotonic()
        reader = raw.Reader(sock)
        sock.sendall(b"GET /dripped HTTP/1.1\r\nHost: shop.example\r\nX: ")
        sock.settimeout(0.1)
        while b"\r\n\r\n" not in reader.data:
            assert time.monotonic() - began < 3, "no answer"
            sock.sendall(b"y")
            try:
                reader.more()
            except TimeoutError:
                pass
        assert reader.data.startswith(b"HTTP/1.1 408")
        assert reader.is_closed(10)
    assert origin.requests("/slow") == origin.requests("/dripped") == []


def test_a_slow_body_is_given_up(origin, edge):
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/slow", "POST", {"Content-Length": 1000}) + b"begun")
        reader = raw.Reader(sock)
        assert reader.is_closed(6)
        assert b" 408 " in reader.data[:20] or reader.data == b""
    assert [request for request in origin.requests("/slow") if request.whole] == []


def test_a_reader_that_takes_nothing_is_cut_off(two_origins, start_edge):
    origin = two_origins[0]
    with open(origin.folder / "files" / "large", "wb") as file:
        file.truncate(200_000_000)
    edge = start_edge([origin], limits={"write_timeout": "2s"})
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/plain/large"))
        sock.recv(1000)
        files = edge.open_files()
        wait_until(lambda: edge.open_files() < files, "the edge lets go of the reader", 10)


def test_counted_bad_requests_are_in_the_metrics(edge):
    with raw.connect(edge.port) as sock:
        sock.sendall(BAD_HEADS["both length headers"])
        raw.Reader(sock).is_closed()
    text = edge.api("/metrics").body.decode()
    assert any(line.startswith("tenfold_") and "bad" in line and not line.endswith(" 0") for line in text.splitlines()), text
