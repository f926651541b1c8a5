"""What passes through the edge between a client and its origins, byte for byte and header for header."""

import hashlib
import os
import socket
import struct
import threading

from support import raw
from support.load import wrk
from support.processes import free_port, wait_until


def test_curl_gets_a_page_from_each_of_two_origins(two_origins, start_edge, curl):
    edge = start_edge(two_origins)
    ports = {curl(f"http://127.0.0.1:{edge.port}/who").stdout for _ in range(40)}
    assert ports == {str(origin.port) for origin in two_origins}


def test_every_status_comes_as_the_origin_gave_it(two_origins, start_edge, curl):
    edge = start_edge(two_origins)
    for path, status in (("/plain/1k", 200), ("/moved", 302), ("/missing", 404), ("/broken", 500)):
        code = curl("-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{edge.port}{path}").stdout
        assert (path, code) == (path, str(status))


def test_wrk_finds_no_error(two_origins, start_edge):
    edge = start_edge(two_origins)
    for path in ("/plain/1k", "/plain/100k", "/fresh/1k"):
        result = wrk(edge.port, path, seconds=2)
        assert result["errors"] == 0, result["output"]
        assert result["requests"] > 100


def test_wrk_with_a_new_connection_for_each_request_finds_no_error(two_origins, start_edge):
    result = wrk(start_edge(two_origins).port, "/plain/1k", seconds=2, headers=["Connection: close"])
    assert result["errors"] == 0, result["output"]


def test_bodies_arrive_unchanged_both_ways_with_a_length_and_chunked(start_scripted, start_edge, tmp_path, curl):
    content = os.urandom(20_000_000)
    (tmp_path / "content").write_bytes(content)
    origin = start_scripted(lambda request: (200, {"Cache-Control": "no-store"}, content))
    edge = start_edge([origin])
    url = f"http://127.0.0.1:{edge.port}/upload"
    assert curl("-o", tmp_path / "down", "--data-binary", f"@{tmp_path / 'content'}", url).returncode == 0
    assert curl("-o", tmp_path / "down2", "-T", tmp_path / "content", "-H", "Transfer-Encoding: chunked", url).returncode == 0
    assert (tmp_path / "down").read_bytes() == content
    assert (tmp_path / "down2").read_bytes() == content
    for request in origin.requests("/upload"):
        assert request.body_sha256 == hashlib.sha256(content).hexdigest()


def test_a_chunked_answer_with_trailers_passes(start_edge, parts):
    listener = socket.create_server(("127.0.0.1", 0))

    class Origin:
        address = f"127.0.0.1:{listener.getsockname()[1]}"

        @staticmethod
        def stop():
            listener.close()

    def serve():
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve_one, args=(sock,), daemon=True).start()

    def serve_one(sock):
        reader = raw.Reader(sock)
        try:
            while True:
                head = reader.until(b"\r\n\r\n")
                if b"/healthz" in head:
                    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                else:
                    sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nCache-Control: no-store\r\n\r\n"
                                 b"5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-Sum: 11\r\n\r\n")
        except OSError:
            pass

    threading.Thread(target=serve, daemon=True).start()
    parts.append(Origin)
    edge = start_edge([Origin])
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/chunked", headers={"TE": "trailers", "Connection": "TE"}))
        answer = raw.Reader(sock).answer()
        assert (answer.status, answer.body, answer.trailers) == (200, b"hello world", {"x-sum": "11"})
        # The connection is whole afterwards.
        sock.sendall(raw.head_of("/chunked"))
        assert raw.Reader(sock).answer().body == b"hello world"


def test_the_trailers_of_a_request_reach_the_origin(start_scripted, start_edge):
    origin = start_scripted()
    edge = start_edge([origin])
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/upload", "POST", headers={"Transfer-Encoding": "chunked", "Trailer": "X-Sum"})
                     + b"5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n")
        assert raw.Reader(sock).answer().status == 200
    (request,) = origin.requests("/upload")
    assert (request.body_bytes, request.trailers) == (5, {"x-sum": "5"})


def test_hop_by_hop_headers_do_not_cross_and_the_client_is_named(start_scripted, start_edge):
    origin = start_scripted(lambda request: (200, {"Connection": "X-Private", "X-Private": "1", "X-Public": "2", "Keep-Alive": "timeout=5"}, b"ok"))
    edge = start_edge([origin])
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/hop", headers={
            "Connection": "keep-alive, X-Secret", "X-Secret": "hop", "Keep-Alive": "timeout=9", "TE": "gzip",
            "Proxy-Connection": "keep-alive", "X-Kept": "end-to-end", "X-Forwarded-For": "203.0.113.9"}))
        answer = raw.Reader(sock).answer()
    assert answer["X-Public"] == "2"
    assert answer["X-Private"] is None
    (request,) = origin.requests("/hop")
    for name in ("x-secret", "keep-alive", "proxy-connection", "te"):
        assert name not in request.headers, name
    assert request.headers["x-kept"] == "end-to-end"
    assert request.headers["host"] == "shop.example"
    # The client is no trusted proxy: what it says about itself is not believed.
    assert request.headers["x-forwarded-for"] == "127.0.0.1"
    assert request.headers["x-forwarded-proto"] == "http"


def test_a_trusted_proxy_is_believed(start_scripted, start_edge):
    origin = start_scripted()
    edge = start_edge([origin], trusted_proxies=["127.0.0.0/8"])
    edge.get("/trusted", headers={"X-Forwarded-For": "203.0.113.9"})
    (request,) = origin.requests("/trusted")
    assert request.headers["x-forwarded-for"].replace(" ", "") == "203.0.113.9,127.0.0.1"
    edge.wait_for_log(lambda line: line.startswith("203.0.113.9 ") and "/trusted" in line, "the client's own address in the log")


def test_head_has_the_length_and_no_body(two_origins, start_edge):
    edge = start_edge(two_origins)
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/plain/1k", "HEAD") + raw.head_of("/who"))
        reader = raw.Reader(sock)
        answer = reader.answer("HEAD")
        assert (answer.status, answer["Content-Length"]) == (200, "1024")
        assert reader.answer().status == 200


def test_pipelined_requests_are_answered_in_order(start_scripted, start_edge):
    origin = start_scripted(lambda request: (200, {"Cache-Control": "no-store"}, request.target.encode()))
    edge = start_edge([origin])
    with raw.connect(edge.port) as sock:
        sock.sendall(b"".join(raw.head_of(f"/page/{number}") for number in range(30)))
        reader = raw.Reader(sock)
        assert [reader.answer().body for _ in range(30)] == [f"/page/{number}".encode() for number in range(30)]


def test_expect_100_continue_is_answered_before_the_body(start_scripted, start_edge):
    edge = start_edge([start_scripted()])
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/expect", "POST", {"Content-Length": 5, "Expect": "100-continue"}))
        reader = raw.Reader(sock)
        assert reader.head()[0] == 100
        sock.sendall(b"hello")
        assert reader.answer().status == 200


def test_http_1_0_is_answered_and_closed(two_origins, start_edge):
    edge = start_edge(two_origins)
    with raw.connect(edge.port) as sock:
        sock.sendall(b"GET /plain/1k HTTP/1.0\r\nHost: shop.example\r\n\r\n")
        answer = raw.Reader(sock).rest()
    assert answer.startswith(b"HTTP/1.1 200") or answer.startswith(b"HTTP/1.0 200")
    assert answer.endswith(b"\r\n\r\n" + b"x" * 1024)


def test_a_half_closed_client_still_gets_its_answer(two_origins, start_edge):
    edge = start_edge(two_origins)
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/plain/100k", headers={"Connection": "close"}))
        sock.shutdown(socket.SHUT_WR)
        assert len(raw.Reader(sock).answer().body) == 102400


def test_a_websocket_is_a_tunnel_both_ways(start_scripted, start_edge):
    edge = start_edge([start_scripted()])
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/live", headers={
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}))
        reader = raw.Reader(sock)
        status, headers = reader.head()
        assert status == 101
        assert headers["upgrade"].lower() == "websocket"
        for size in (1, 100, 70_000, 1_000_000):
            message = os.urandom(size)
            # In parts: an echo of a megabyte would fill both directions' buffers.
            for begin in range(0, size, 65_536):
                sock.sendall(message[begin:begin + 65_536])
                assert reader.exactly(len(message[begin:begin + 65_536])) == message[begin:begin + 65_536]
        sock.shutdown(socket.SHUT_WR)
        assert reader.is_closed()


def test_no_origin_gives_a_page_that_a_customer_can_read(start_edge):
    class Nobody:
        address = "127.0.0.1:1"

    edge = start_edge([Nobody])
    answer = edge.get("/anything")
    assert answer.status in (502, 503)
    assert answer["Content-Type"].startswith("text/html")
    assert b"<" in answer.body
    assert answer["Cache-Control"] == "no-store"


def test_a_post_is_not_sent_twice(start_scripted, start_edge):
    def lose(request):
        raise ValueError("the connection ends without an answer")

    origins = [start_scripted(lose), start_scripted(lose)]
    edge = start_edge(origins)
    assert edge.get("/order", method="POST", body=b"one sofa").status in (502, 503, 504)
    assert sum(len(origin.requests("/order")) for origin in origins) == 1


def test_a_get_is_tried_at_the_other_origin(start_scripted, start_edge):
    def lose(request):
        raise ValueError("the connection ends without an answer")

    origins = [start_scripted(lose), start_scripted()]
    edge = start_edge(origins)
    assert [edge.get(f"/page/{number}").status for number in range(10)] == [200] * 10


def proxy_v2(source, port):
    return (b"\r\n\r\n\x00\r\nQUIT\n" + bytes([0x21, 0x11]) + struct.pack("!H", 12)
            + socket.inet_aton(source) + socket.inet_aton("127.0.0.1") + struct.pack("!HH", 40000, port))


def test_proxy_protocol_names_the_client(start_scripted, start_edge):
    origin = start_scripted()
    port = free_port()
    edge = start_edge([origin], port=port, listen=[{"address": f"127.0.0.1:{port}", "proxy_protocol_from": ["127.0.0.0/8"]}])
    for number, header in enumerate((f"PROXY TCP4 198.51.100.7 127.0.0.1 40000 {edge.port}\r\n".encode(),
                                     proxy_v2("198.51.100.7", edge.port))):
        with raw.connect(edge.port) as sock:
            sock.sendall(header + raw.head_of(f"/proxied/{number}"))
            assert raw.Reader(sock).answer().status == 200
        (request,) = origin.requests(f"/proxied/{number}")
        assert request.headers["x-forwarded-for"].split(",")[0].strip() == "198.51.100.7"
        edge.wait_for_log(lambda line, number=number: line.startswith("198.51.100.7 ") and f"/proxied/{number}" in line)


def test_without_the_proxy_header_that_was_agreed_the_connection_ends(start_scripted, start_edge):
    origin = start_scripted()
    port = free_port()
    edge = start_edge([origin], port=port, listen=[{"address": f"127.0.0.1:{port}", "proxy_protocol_from": ["127.0.0.0/8"]}])
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/direct"))
        assert raw.Reader(sock).is_closed()
    assert origin.requests("/direct") == []


def test_a_proxy_header_from_elsewhere_is_a_bad_request(start_scripted, start_edge):
    origin = start_scripted()
    edge = start_edge([origin])
    with raw.connect(edge.port) as sock:
        sock.sendall(b"PROXY TCP4 198.51.100.7 127.0.0.1 40000 80\r\n" + raw.head_of("/forged"))
        reader = raw.Reader(sock)
        assert reader.rest().startswith(b"HTTP/1.1 400")
    assert origin.requests() == []


def test_an_origin_is_spoken_to_over_tls_and_must_prove_its_name(start_nginx, start_edge, certificates):
    chain, key = certificates("origin.example")
    origin = start_nginx("secure", tls=(chain, key))

    def edge_with(name, **tls):
        return start_edge([], name=name, origins=[{"name": "secure", "servers": [origin.address], "tls": tls}])

    own, other = {"server_name": "origin.example", "authorities": str(chain)}, {"server_name": "else.example", "authorities": str(chain)}
    assert edge_with("proven", **own).get("/plain/1k?proven").status == 200
    assert edge_with("unknown", server_name="origin.example").get("/plain/1k?unknown").status in (502, 503)
    assert edge_with("misnamed", **other).get("/plain/1k?misnamed").status in (502, 503)
    assert edge_with("trusting", **other, verify=False).get("/plain/1k?trusting").status == 200
    wait_until(lambda: any("?trusting" in line for line in origin.requests()), "the last request is in its log")
    assert not any("?unknown" in line or "?misnamed" in line for line in origin.requests())


def test_a_route_sends_paths_to_their_own_origin(start_nginx, start_edge):
    pages, pictures = start_nginx("pages"), start_nginx("pictures")
    edge = start_edge([], origins=[
        {"name": "pages", "servers": [pages.address]}, {"name": "pictures", "servers": [pictures.address]}],
        routes=[{"paths": ["/plain/*"], "origins": ["pictures"]}, {"hosts": ["*.cdn.example"], "origins": ["pictures"]}])
    edge.get("/plain/1k")
    edge.get("/who?first")
    assert edge.get("/who", host="a.cdn.example").body == str(pictures.port).encode()
    wait_until(lambda: any("/plain/1k" in line for line in pictures.requests()), "the picture is asked of its origin")
    assert not any("/plain/1k" in line for line in pages.requests())
