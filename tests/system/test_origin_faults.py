"""Origins and clients that misbehave: who is told what, and who still gets a place."""

import json
import resource
import socket
import socketserver
import subprocess
import threading

import pytest
from support import raw
from support.edge import PROGRAM, tenfold
from support.processes import free_port, wait_until


def json_log(tmp_path):
    return {"path": str(tmp_path / "log.json"), "format": "json"}


def entry_of(tmp_path, target):
    def find():
        file = tmp_path / "log.json"
        lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return next((line for line in lines if line["request_uri"] == target), None)

    return wait_until(find, "the access log's line")


class Rude:
    """Sends the bytes to each request but health checks, and closes."""

    def __init__(self, says):
        self.says = says
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(sock,), daemon=True).start()

    def one(self, sock):
        with sock:
            try:
                head = raw.Reader(sock).until(b"\r\n\r\n")
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" if b"/healthz" in head else self.says)
                sock.shutdown(socket.SHUT_WR)
                while sock.recv(65536):
                    pass
            except (OSError, ConnectionError):
                pass

    def stop(self):
        self.listener.close()


@pytest.mark.parametrize("says, cause", [
    (b"HTTP/1.1 200 OK\r\nX-Big: " + 70_000 * b"x" + b"\r\n\r\n", "too large"),
    (b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", "not valid HTTP"),
    (b"", "without an answer"),
    (b"HTTP/1.1 200", "in the middle of its answer's head"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello", "in the middle of its answer's body"),
])
def test_a_bad_answer_is_logged_with_its_server_and_cause(parts, start_edge, tmp_path, says, cause):
    origin = Rude(says)
    parts.append(origin)
    edge = start_edge([origin], access_log=json_log(tmp_path), cache={"memory": 0})
    assert edge.get("/broken?secret=1").status == 502
    wait_until(lambda: cause in edge.log(), "the log says why")
    line = next(line for line in edge.log().splitlines() if cause in line)
    assert origin.address in line and "/broken" in line and "secret" not in line
    entry = entry_of(tmp_path, "/broken?secret=1")
    assert entry["upstream_addr"] == origin.address
    assert cause in entry["upstream_error"]
    assert entry["upstream_attempts"] >= 1


@pytest.mark.parametrize("kept", [True, False], ids=["for the cache", "for one client"])
@pytest.mark.parametrize("body, cause", [
    (b"Content-Length: 1000000\r\n\r\n" + 200_000 * b"x", "broke off in the middle of its answer's body"),
    (b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nfive\r\n",
     "sent a malformed body: A chunk's size is not a number."),
], ids=["cut", "malformed"])
def test_a_body_that_cannot_be_read_to_its_end_is_logged(parts, start_edge, tmp_path, body, cause, kept):
    fields = b"Cache-Control: max-age=60\r\n" if kept else b"Cache-Control: no-store\r\n"
    origin = Rude(b"HTTP/1.1 200 OK\r\n" + fields + body)
    parts.append(origin)
    edge = start_edge([origin], access_log=json_log(tmp_path))
    with pytest.raises((ConnectionError, ValueError)):
        edge.get("/broken")
    wait_until(lambda: cause in edge.log(), "the log says why")
    assert entry_of(tmp_path, "/broken")["upstream_addr"] == origin.address


def test_a_server_that_is_not_there_is_named(start_edge, tmp_path):
    address = f"127.0.0.1:{free_port()}"
    edge = start_edge([], access_log=json_log(tmp_path), cache={"memory": 0},
                      origins=[{"name": "shop", "servers": [address]}], health={"every": "1h", "timeout": "1s"})
    assert edge.get("/").status == 503
    wait_until(lambda: "GET /: 503:" in edge.log(), "the log says why")


def test_many_failures_make_few_lines(parts, start_edge):
    origin = Rude(b"HTTP/1.1 200 OK\nbad\n\n")
    parts.append(origin)
    edge = start_edge([origin], workers=1, cache={"memory": 0})
    for _ in range(100):
        assert edge.get("/broken").status in (502, 503)
    assert 1 <= edge.log().count("GET /broken") <= 10


def test_bodies_that_do_not_come_take_no_places(start_scripted, start_edge):
    origin = start_scripted()
    edge = start_edge([origin], cache={"memory": 0}, origins=[{"name": "shop", "servers": [origin.address], "max_connections": 8}])
    socks = []
    try:
        for head in ("Content-Length: 70000", "Transfer-Encoding: chunked", "Content-Length: 70000\r\nConnection: Upgrade\r\nUpgrade: websocket"):
            for _ in range(20):
                sock = raw.connect(edge.port)
                sock.sendall(f"POST /upload HTTP/1.1\r\nHost: shop.example\r\n{head}\r\n\r\n".encode())
                socks.append(sock)
        for _ in range(20):
            assert edge.get("/page").status == 200
        for _ in range(40):  # whose bodies come, but for their end
            sock = raw.connect(edge.port)
            sock.sendall(b"POST /upload HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 70000\r\n\r\n" + 69_999 * b"x")
            socks.append(sock)
        for _ in range(20):
            assert edge.get("/page").status == 200
        answers = []
        for sock in socks[60:]:
            sock.settimeout(0.2)
            try:
                answers.append(raw.Reader(sock).head()[0])
            except TimeoutError:
                pass
        assert answers.count(429) >= 30
    finally:
        for sock in socks:
            sock.close()


LARGE = 4_000_000 * b"x"
SLOW_DOWNLOAD = b"GET /large HTTP/1.1\r\nHost: shop.example\r\n\r\n"
SILENT_WEBSOCKET = (b"GET /live HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
UPLOAD_THAT_STANDS = b"POST /upload HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 4000000\r\n\r\n" + 100_000 * b"x"


@pytest.mark.parametrize("attack", [SLOW_DOWNLOAD, SILENT_WEBSOCKET, UPLOAD_THAT_STANDS], ids=["downloads", "tunnels", "uploads"])
def test_two_addresses_hold_three_quarters_of_the_places_at_most(start_scripted, start_edge, attack):
    def answer(request):
        return (200, {"Cache-Control": "no-store"}, LARGE if request.target == "/large" else b"ok")

    origin = start_scripted(answer)
    edge = start_edge([origin], cache={"memory": 0}, origins=[{"name": "shop", "servers": [origin.address], "max_connections": 16}])
    socks = []
    try:
        for number in range(16):
            sock = raw.connect(edge.port, source=f"127.0.0.{2 + number % 2}", receive_buffer=4096)
            socks.append(sock)
            sock.sendall(attack)
        answers = [edge.get("/page") for _ in range(20)]
        wait_until(lambda: edge.metric("tenfold_origin_holds_denied_total") >= 4, "who is past the three quarters to be ended")
        assert [answer.status for answer in answers] == 20 * [200]
    finally:
        for sock in socks:
            sock.close()


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class SaysWhere(socketserver.StreamRequestHandler):
    """One answer a connection: a server that is shut has none left that is kept."""

    def handle(self):
        head = self.rfile.readline()
        host = ""
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"host:"):
                host = line.split(b":", 1)[1].strip().decode()
        if not head:
            return
        body = f"{self.server.name} {head.decode().split(' ')[1]} {host}".encode()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                         % (len(body), body))


def serve_at(path):
    server = UnixServer(str(path), SaysWhere)
    server.name = path.name
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_unix_sockets_are_origins(start_edge, tmp_path):
    paths = [tmp_path / "a.sock", tmp_path / "b.sock"]
    servers = [serve_at(path) for path in paths]
    edge = start_edge([], origins=[{"name": "shop", "servers": [f"unix:{path}" for path in paths]}],
                      access_log=json_log(tmp_path))
    seen = {edge.get(f"/{number}").body.decode() for number in range(30)}
    assert {text.split(" ")[0] for text in seen} == {"a.sock", "b.sock"}
    assert all(text.endswith(" shop.example") for text in seen)
    wait_until(lambda: json.dumps(edge.api_json("/api/v1/origins")).count('"state": "up"') == 2, "both found up")
    shown = edge.api_json("/api/v1/origins")
    assert f"unix:{paths[0]}" in json.dumps(shown)
    assert entry_of(tmp_path, "/0")["upstream_addr"] in [f"unix:{path}" for path in paths]
    servers[0].shutdown()
    servers[0].server_close()
    paths[0].unlink()
    for number in range(20):
        assert edge.get(f"/again/{number}").body.decode().startswith("b.sock")
    wait_until(lambda: '"down"' in json.dumps(edge.api_json("/api/v1/origins")), "the check finds it gone")


def checked(tmp_path, server, **origin):
    file = tmp_path / "shop.yaml"
    file.write_text(json.dumps({"shop": "S", "listen": [{"address": "127.0.0.1:8080"}],
                                "origins": [{"name": "a", "servers": [server], **origin}]}))
    return tenfold("check", "-c", file)


def test_check_says_what_is_wrong_with_a_socket(tmp_path):
    done = checked(tmp_path, "unix:/no/such/folder/shop.sock")
    assert done.returncode == 0 and "there is no folder /no/such/folder" in done.stderr + done.stdout
    done = checked(tmp_path, f"unix:{tmp_path}/shop.sock")
    assert done.returncode == 0 and "there is no socket" in done.stderr + done.stdout
    done = checked(tmp_path, "unix:/" + 107 * "x")
    assert done.returncode == 2 and "at most 107 bytes" in done.stderr + done.stdout
    done = checked(tmp_path, "unix:")
    assert done.returncode == 2 and "without a path" in done.stderr + done.stdout
    done = checked(tmp_path, "/run/shop.sock")
    assert done.returncode == 2 and "unix:/run/shop.sock" in done.stderr + done.stdout
    done = checked(tmp_path, "unix:/run/shop.sock", tls=True)
    assert done.returncode == 2 and "server_name" in done.stderr + done.stdout


def limited(files):
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    return limit


def is_served(edge):
    """Not while it is turned away: an answer may be lost to the reset that follows it."""
    try:
        return edge.get("/plain/1k").status == 200
    except ConnectionError:
        return False


def test_fewer_files_than_visitors_are_said_and_kept_to(two_origins, start_edge, tmp_path):
    edge = start_edge(two_origins, limits={"connections": 10_000}, workers=1)
    edge.stop()
    done = subprocess.run([PROGRAM, "check", "-c", edge.configuration_file], capture_output=True, text=True, timeout=20,
                          preexec_fn=limited(400), check=False)
    assert done.returncode == 0
    assert "limits.connections: 10000 visitors" in done.stdout + done.stderr and "400" in done.stdout + done.stderr
    edge.wait_until_free()
    process = subprocess.Popen(edge.command, stdout=subprocess.DEVNULL, stderr=open(tmp_path / "err", "w"),
                               preexec_fn=limited(400))
    socks = []
    try:
        wait_until(lambda: edge.api_status("/healthz") == 200, "it serves")
        assert "visitors are let in at most" in (tmp_path / "err").read_text()
        for _ in range(380):
            socks.append(socket.create_connection(("127.0.0.1", edge.port)))
        wait_until(lambda: "tenfold_connections_turned_away_total{" in edge.api("/metrics").body.decode(), "some are turned away")
        metrics = edge.api("/metrics").body.decode()
        assert 'tenfold_accept_failures_total{worker="0"} 0' in metrics
        for sock in socks:
            sock.close()
        wait_until(lambda: is_served(edge), "others are served, once it has seen that those are gone")
    finally:
        process.terminate()
        assert process.wait(30) == 0
