"""Running it: configuration, reload, drain, logs, metrics, TLS."""

import hashlib
import hmac
import json
import os
import pathlib
import pwd
import re
import signal
import socket
import subprocess
import time

import pytest
from support import raw
from support.authority import Authority
from support.edge import PROGRAM, tenfold
from support.load import assert_nothing_failed
from support.processes import ROOT, accepts, free_port, wait_until

COMBINED = re.compile(r'^(\S+) - (\S+) \[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "([^"]*)" (\d{3}) (\d+|-) "([^"]*)" "([^"]*)"')


# --- check -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["shop.yaml", "demo.yaml"])
def test_the_examples_pass_the_check(name):
    done = tenfold("check", "-c", ROOT / "examples" / name)
    assert done.returncode == 0, done.stdout + done.stderr


def test_check_names_every_error_with_its_place(tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text("shop: Corner Shop\nlisten:\n  - address: 127.0.0.1:99999\norigins:\n"
                    "  - { name: a, servers: [127.0.0.1:9001] }\ncache: { memory: 12 parsecs, colour: blue }\n")
    done = tenfold("check", "-c", file)
    assert done.returncode == 2
    words = done.stdout + done.stderr
    for place in ("shop.yaml:3:", "shop.yaml:6:"):
        assert place in words, words
    report = tenfold("check", "--json", "-c", file)
    assert report.returncode == 2
    found = json.loads(report.stdout)
    assert found["ok"] is False
    assert {error["line"] for error in found["errors"]} == {3, 6}
    assert len(found["errors"]) >= 3
    assert all({"file", "line", "column", "message"} <= set(error) for error in found["errors"])


MINIMAL = "shop: Corner Shop\nlisten: [{ address: 127.0.0.1:8080 }]\norigins: [{ name: a, servers: [127.0.0.1:9001] }]\n"


def check_json(file):
    done = tenfold("check", "--json", "-c", file)
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize(("line", "kind", "words"), [
    ("user: nobody-of-that-name", "errors", 'there is no user "nobody-of-that-name"'),
    ("group: nobody-of-that-name", "errors", 'there is no group "nobody-of-that-name"'),
    ("store: shop.yaml", "errors", "is no SQLite file"),
    ("trusted_proxies: [0.0.0.0/0]", "warnings", "0.0.0.0/0 holds more than"),
    ("trusted_proxies: ['::/0']", "warnings", "::/0 holds more than"),
    ("rehearsal: { secret: replace-me }", "warnings", "found the placeholder of an example"),
])
def test_check_does_not_pass_in_silence(tmp_path, line, kind, words):
    file = tmp_path / "shop.yaml"
    file.write_text(f"{MINIMAL}{line}\n")
    code, report = check_json(file)
    assert (code, report["ok"]) == ((2, False) if kind == "errors" else (0, True))
    found = [problem for problem in report[kind] if words in problem["message"]]
    assert [problem["line"] for problem in found] == [4], report
    assert "expected" in found[0]["message"] and found[0]["column"] > 1
    plain = tenfold("check", "-c", file)
    assert plain.returncode == code and f"shop.yaml:4:{found[0]['column']}: " in plain.stderr and words in plain.stderr


def test_check_names_a_chain_without_its_intermediate(tmp_path):
    authority = Authority(tmp_path / "authority")
    chain, key, other_key = tmp_path / "shop.pem", tmp_path / "shop.key", tmp_path / "other.key"
    authority.certify(chain, key, ["DNS:shop.test"], ends_in_days=-1)
    file = tmp_path / "shop.yaml"
    file.write_text(MINIMAL.replace("8080", "8080, certificates: [{ chain: shop.pem, key: shop.key }]"))
    code, report = check_json(file)
    warnings = " ".join(warning["message"] for warning in report["warnings"])
    assert code == 0 and "an intermediate certificate is missing" in warnings and "the certificate expired on" in warnings, report
    # Whole, and in the wrong order: refused, since the edge would not start with it.
    leaf = chain.read_text()
    chain.write_text(authority.root.read_text() + leaf)
    code, report = check_json(file)
    assert code == 2 and "the server's own certificate is number 2" in report["errors"][0]["message"]
    chain.write_text(leaf + authority.root.read_text())
    assert "missing" not in json.dumps(check_json(file)[1])
    authority.certify(tmp_path / "other.pem", other_key, ["DNS:shop.test"])
    key.write_text(other_key.read_text())
    code, report = check_json(file)
    assert code == 2 and "is not the key of the certificate" in report["errors"][0]["message"]


def test_check_of_a_missing_file_is_a_usage_error(tmp_path):
    assert tenfold("check", "-c", tmp_path / "none.yaml").returncode == 2


def test_the_schema_for_editors_is_the_committed_one_and_takes_the_example():
    done = tenfold("check", "--schema")
    assert done.returncode == 0
    schema = json.loads(done.stdout)
    assert schema == json.loads((ROOT / "docs" / "shop.schema.json").read_text())
    assert {"shop", "listen", "origins", "cache", "limits"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False


def test_unknown_options_and_commands_are_usage_errors():
    assert tenfold("check", "--colour").returncode == 2
    assert tenfold("dance").returncode == 2
    assert tenfold("--help").returncode == 0
    for command in ("run", "check", "shop"):
        assert tenfold(command, "--help").returncode == 0


@pytest.mark.parametrize("words, said, hint", [
    (["dance"], 'there is no command "tenfold dance"', "`tenfold --help` lists"),
    (["chek"], 'did you mean "tenfold check"?', "`tenfold --help` lists"),
    (["--colour"], 'there is no option --colour of "tenfold"', "`tenfold --help` lists"),
    (["drill", "phon"], 'did you mean "tenfold drill phone"?', "`tenfold drill --help` lists"),
    (["drill"], "A subcommand is required", "`tenfold drill --help` lists"),
    (["check", "--colour"], "--colour", "`tenfold check --help` says"),
])
def test_a_usage_error_names_the_word_and_the_help_that_serves(words, said, hint):
    done = tenfold(*words)
    assert done.returncode == 2 and done.stdout == ""
    assert said in done.stderr and hint in done.stderr, done.stderr


def test_run_says_in_json_what_it_serves_and_nothing_else_on_standard_output(two_origins, start_edge, tmp_path):
    edge = start_edge(two_origins, access_log="on")  # which is to standard output
    edge.stop()
    edge.wait_until_free()
    with open(tmp_path / "errors", "wb") as errors:
        process = subprocess.Popen([*edge.command, "--json"], stdout=subprocess.PIPE, stderr=errors)
    try:
        told = json.loads(process.stdout.readline())
        assert told["listening"] == [f"http://127.0.0.1:{edge.port}"]
        assert told["console"] == f"http://127.0.0.1:{edge.console_port}"
        assert told["shop"] == "Test Shop" and told["workers"] == 2
        assert edge.get("/plain/1k").status == 200
        wait_until(lambda: "GET /plain/1k" in (tmp_path / "errors").read_text(), "the request is logged to standard error")
    finally:
        process.terminate()
        rest = process.stdout.read()
        assert process.wait(20) == 0
    assert rest == b""


def free_low_port():
    for port in range(1023, 512, -1):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port below 1024 is free")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give it up")
def test_a_low_port_is_bound_and_root_given_up(two_origins, start_edge):
    account = pwd.getpwnam("nobody")
    edge = start_edge(two_origins, port=free_low_port(), user="nobody", access_log="off")
    assert edge.get("/plain/1k").status == 200
    for task in pathlib.Path(f"/proc/{edge.pid}/task").iterdir():
        status = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
        assert set(status["Uid"].split()) == {str(account.pw_uid)}, "a thread is still root"
        assert set(status["Gid"].split()) == {str(account.pw_gid)}
        assert int(status["CapEff"], 16) == 0
        assert "0" not in status["Groups"].split()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give it up")
def test_providers_callbacks_may_have_a_low_port_too(two_origins, start_edge):
    port = free_low_port()
    twilio = {"account": "AC" + 32 * "0", "token": 32 * "0", "from": "+493012345601", "callbacks": f"127.0.0.1:{port}",
              "public_url": f"http://127.0.0.1:{port}"}
    oncall = {"people": [{"name": "ada", "contacts": [{"call": "+493055500100"}]}],
              "escalation": [{"name": "main", "steps": [{"notify": ["ada"]}]}], "channels": {"twilio": twilio}}
    edge = start_edge(two_origins, user="nobody", access_log="off", oncall=oncall)
    assert edge.get("/plain/1k").status == 200
    wait_until(lambda: accepts(port), "callbacks are taken on a low port")


def test_a_port_that_is_taken_ends_the_start_with_code_5(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        file = tmp_path / "shop.yaml"
        file.write_text(json.dumps({"shop": "S", "listen": [{"address": f"127.0.0.1:{port}"}],
                                    "origins": [{"name": "a", "servers": ["127.0.0.1:1"]}],
                                    "console": {"address": f"127.0.0.1:{free_port()}"}, "store": str(tmp_path / "t.db")}))
        done = tenfold("run", "-c", file)
        assert done.returncode == 5, done.stderr
        assert str(port) in done.stderr


def minimal(tmp_path, port):
    file = tmp_path / "shop.yaml"
    file.write_text(json.dumps({"shop": "S", "listen": [{"address": f"127.0.0.1:{port}"}],
                                "origins": [{"name": "a", "servers": ["127.0.0.1:1"]}],
                                "console": {"address": f"127.0.0.1:{free_port()}"}, "store": str(tmp_path / "t.db")}))
    return file


def test_a_port_that_is_free_in_a_moment_is_waited_for(tmp_path, start_program):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        edge = start_program("edge", [PROGRAM, "run", "-c", minimal(tmp_path, port)])
        wait_until(lambda: "trying for a second" in edge.log(), "it says that it waits")
    wait_until(lambda: accepts(port), "it serves")


# --- reload and drain ------------------------------------------------------------------------------------------------

def test_every_reload_says_what_takes_a_restart(two_origins, start_edge):
    edge = start_edge(two_origins)
    edge.configure(cache={"memory": "8MiB"})
    for times in (1, 2):
        edge.reload()
        wait_until(lambda: edge.log().count("cache: differs from what is running: takes a restart") == times, f"it says so {times} times")


def test_reload_under_load_fails_nothing(two_origins, start_nginx, start_edge, paced):
    third = start_nginx("origin-3")
    edge = start_edge(two_origins)
    load = paced(edge.port, 1000, 8, ["/plain/1k", "/fresh/1k", "/who"])
    for second, origins in ((1, [*two_origins, third]), (2, [third]), (3, two_origins), (4, [*two_origins, third]), (5, [third])):
        load.sleep_until(second)
        edge.configure(servers=origins)
        edge.reload()
    report = load.finish()
    assert_nothing_failed(report)
    wait_until(lambda: {edge.get("/who").body for _ in range(10)} == {str(third.port).encode()}, "the last configuration serves")


def test_a_broken_file_on_reload_keeps_the_old_one_and_says_so(two_origins, start_edge):
    edge = start_edge(two_origins)
    before = edge.log()
    edge.configuration_file.write_text("shop: Broken\nlisten: [\n")
    edge.reload()
    wait_until(lambda: "shop.yaml" in edge.log()[len(before):], "the log names the file")
    assert edge.get("/plain/1k").status == 200


def test_an_open_connection_survives_a_reload(two_origins, start_edge):
    edge = start_edge(two_origins)
    with raw.connect(edge.port) as sock:
        reader = raw.Reader(sock)
        for _ in range(3):
            sock.sendall(raw.head_of("/plain/1k"))
            assert reader.answer().status == 200
            edge.reload()
            wait_until(lambda: edge.get("/who").status == 200, "served after the reload")


def test_drain_lets_every_request_that_was_begun_end_well(start_scripted, start_edge, parts):
    """Closed loops, each with a request always under way: after SIGTERM each gets its answer, then "Connection: close"."""
    import threading

    def slow(request):
        time.sleep(0.02)
        return 200, {"Cache-Control": "no-store"}, b"x" * 20_000

    edge = start_edge([start_scripted(slow)])
    failures, answered, stop = [], [0] * 40, threading.Event()

    def shop_on(number):
        while not stop.is_set():
            try:
                sock = raw.connect(edge.port)
            except ConnectionRefusedError:
                return  # It has closed its listeners: the load balancer's turn.
            with sock:
                reader = raw.Reader(sock)
                while True:
                    try:
                        sock.sendall(raw.head_of("/page"))
                        answer = reader.answer()
                    except (OSError, ConnectionError) as error:
                        failures.append(f"client {number}: {error!r}")
                        return
                    if answer.status != 200 or len(answer.body) != 20_000:
                        failures.append(f"client {number}: {answer.status}")
                    answered[number] += 1
                    if (answer["Connection"] or "").lower() == "close":
                        break

    clients = [threading.Thread(target=shop_on, args=(number,)) for number in range(40)]
    for client in clients:
        client.start()
    wait_until(lambda: min(answered) > 5, "everybody shops")
    edge.signal(signal.SIGTERM)
    code = edge.wait(20)
    stop.set()
    for client in clients:
        client.join(20)
    # A connection that the kernel had accepted and the edge had not is reset when the listener closes; these clients
    # keep their connections, so there is none.
    assert failures == []
    assert code == 0


def test_drain_ends_a_long_download_whole(two_origins, start_edge):
    with open(two_origins[0].folder / "files" / "large", "wb") as file:
        file.truncate(60_000_000)
    edge = start_edge(two_origins[:1])
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/plain/large"))
        reader = raw.Reader(sock)
        _, headers = reader.head()
        edge.signal(signal.SIGTERM)
        wait_until(lambda: not accepts(edge.port), "no new connection is taken")
        assert len(reader.exactly(int(headers["content-length"]))) == 60_000_000
    assert edge.wait(10) == 0


def test_drain_with_idle_connections_ends_at_once(two_origins, start_edge):
    edge = start_edge(two_origins)
    with raw.connect(edge.port) as sock:
        sock.sendall(raw.head_of("/plain/1k"))
        reader = raw.Reader(sock)
        reader.answer()
        edge.signal(signal.SIGTERM)
        assert reader.is_closed()
        assert edge.wait(5) == 0


def test_drain_with_connections_that_never_said_a_word_ends_at_once(tls_edge):
    with raw.connect(tls_edge.port) as sock:
        tls_edge.signal(signal.SIGTERM)
        assert raw.Reader(sock).is_closed()
        assert tls_edge.wait(5) == 0


# --- logs and metrics ------------------------------------------------------------------------------------------------

def test_the_access_log_is_nginxs_combined_format(two_origins, start_edge):
    edge = start_edge(two_origins)
    edge.get("/plain/1k?a=b", headers={"Referer": "http://shop.example/", "User-Agent": 'quoted "agent"'})
    line = edge.wait_for_log(lambda line: "/plain/1k?a=b" in line)
    address, _, _, request, status, size, referer, agent = COMBINED.match(line).groups()
    assert (address, request, status, size) == ("127.0.0.1", "GET /plain/1k?a=b HTTP/1.1", "200", "1024")
    assert referer == "http://shop.example/"
    assert agent == r"quoted \x22agent\x22"


def test_the_access_log_as_json(two_origins, start_edge, tmp_path):
    file = tmp_path / "json.log"
    edge = start_edge(two_origins, access_log={"path": str(file), "format": "json"})
    edge.get("/plain/1k")
    wait_until(lambda: file.exists() and file.read_text().strip(), "a line")
    entry = json.loads(file.read_text().splitlines()[0])
    assert 200 in entry.values()
    assert any("/plain/1k" in str(value) for value in entry.values())


def test_a_rotated_access_log_is_reopened_on_sigusr1(two_origins, start_edge):
    edge = start_edge(two_origins)
    edge.get("/plain/1k?before")
    edge.wait_for_log(lambda line: "?before" in line)
    log = edge.folder / "access.log"
    log.rename(edge.folder / "access.log.1")
    edge.signal(signal.SIGUSR1)
    wait_until(log.exists, "a new file")
    edge.get("/plain/1k?after")
    edge.wait_for_log(lambda line: "?after" in line)
    assert "?after" not in (edge.folder / "access.log.1").read_text()


def test_metrics_are_well_formed_prometheus_text(two_origins, start_edge):
    edge = start_edge(two_origins)
    for path in ("/plain/1k", "/fresh/1k", "/missing"):
        edge.get(path)
    text = edge.api("/metrics").body.decode()
    described, typed, seen = set(), set(), set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            assert name not in described, f"{name} is described twice"
            assert len(line.split(" ", 3)[3]) > 5
            described.add(name)
        elif line.startswith("# TYPE "):
            typed.add(line.split(" ")[2])
        elif line:
            match = re.match(r'^([a-zA-Z_:][\w:]*)(\{[^}]*\})? (-?[\d.e+-]+|NaN|\+Inf)$', line)
            assert match, line
            assert line.rsplit(" ", 1)[0] not in seen, f"twice: {line}"
            seen.add(line.rsplit(" ", 1)[0])
            family = re.sub(r"_(bucket|sum|count)$", "", match.group(1))
            assert {family, match.group(1)} & described and {family, match.group(1)} & typed, line
    assert len(seen) > 10


def test_status_counts_requests(two_origins, start_edge):
    edge = start_edge(two_origins)
    for _ in range(10):
        edge.get("/plain/1k")
    status = json.dumps(edge.api_json("/api/v1/status"))
    assert "Test Shop" in status
    wait_until(lambda: re.search(r'"requests(_total)?": ?1\d', json.dumps(edge.api_json("/api/v1/status"))), "ten requests are counted")


# --- TLS -------------------------------------------------------------------------------------------------------------

@pytest.fixture
def tls_edge(two_origins, start_edge, certificates):
    port = free_port()
    shop, other = certificates("shop.example"), certificates("other.example")
    edge = start_edge(two_origins, port=port, listen=[
        {"address": f"127.0.0.1:{port}",
         "certificates": [{"chain": str(chain), "key": str(key)} for chain, key in (shop, other)]}])
    edge.chains = {"shop.example": shop[0], "other.example": other[0]}
    return edge


def tls_get(curl, edge, name, *arguments, path="/plain/1k"):
    return curl("--resolve", f"{name}:{edge.port}:127.0.0.1", "--cacert", edge.chains[name], "-o", "/dev/null",
                "-w", "%{http_code} %{http_version}", *arguments, f"https://{name}:{edge.port}{path}")


def test_each_name_gets_its_certificate(tls_edge, curl):
    for name in ("shop.example", "other.example"):
        done = tls_get(curl, tls_edge, name)
        assert done.stdout.startswith("200"), done.stderr


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_tls_1_2_and_1_3_are_spoken(tls_edge, curl, version):
    done = tls_get(curl, tls_edge, "shop.example", f"--tlsv{version}", "--tls-max", version)
    assert done.stdout.startswith("200"), done.stderr


def s_client(edge, *arguments, send=b""):
    return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{edge.port}", "-servername", "shop.example", *arguments],
                          input=send, capture_output=True, timeout=20, check=False).stdout.decode(errors="replace")


def test_older_versions_are_refused(tls_edge):
    assert "Cipher is (NONE)" in s_client(tls_edge, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")


def test_alpn_chooses_what_is_spoken(tls_edge):
    assert "ALPN protocol: http/1.1" in s_client(tls_edge, "-alpn", "http/1.1")


def test_a_session_is_resumed(tls_edge, tmp_path):
    session = tmp_path / "session"
    for version in ("-tls1_2", "-tls1_3"):
        request = b"GET /plain/1k HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"
        first = s_client(tls_edge, version, "-sess_out", str(session), "-ign_eof", send=request)
        assert "New, TLSv1" in first
        assert "Reused, TLSv1" in s_client(tls_edge, version, "-sess_in", str(session), "-ign_eof", send=request), version


def test_certificates_are_read_again_on_reload(tls_edge, certificates, curl):
    chain, key = certificates("shop.example", file="renewed")
    tls_edge.chains["shop.example"].write_bytes(chain.read_bytes())
    (chain.parent / "shop.example.key").write_bytes(key.read_bytes())
    serial = subprocess.run(["openssl", "x509", "-in", chain, "-noout", "-serial"], capture_output=True, text=True, check=True).stdout
    tls_edge.reload()

    def renewed():
        text = s_client(tls_edge)
        shown = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=text, capture_output=True, text=True, check=False).stdout
        return shown == serial

    wait_until(renewed, "the new certificate is served")


def test_http_is_redirected_to_https_where_asked(two_origins, start_edge):
    port = free_port()
    edge = start_edge(two_origins, port=port, listen=[{"address": f"127.0.0.1:{port}", "redirect_to_https": 308, "redirect_port": 8443}])
    answer = edge.get("/plain/1k?a=b")
    assert (answer.status, answer["Location"]) == (308, "https://shop.example:8443/plain/1k?a=b")


def test_the_program_says_its_version():
    done = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 0 and re.search(r"\d+\.\d+\.\d+", done.stdout)


# --- rehearsals ------------------------------------------------------------------------------------------------------

SECRET = "a secret of thirty-two characters"


def credential(run, expires, secret=SECRET):
    """As the contract on the wire says, made by other means than Tenfold's own."""
    signature = hmac.new(secret.encode(), f"{int(expires)}:{run}".encode(), hashlib.sha256).hexdigest()
    return {"Tenfold-Rehearsal": f"v1; exp={int(expires)}; id={run}; sig={signature}"}


def test_rehearsals_are_known_by_their_credential_and_counted_apart(start_scripted, start_edge):
    origin = start_scripted()
    edge = start_edge([origin], workers=1, rehearsal={"secret": SECRET},
                      access_log={"path": "access.log", "format": "json"})
    in_an_hour, a_minute_ago = time.time() + 3600, time.time() - 60
    edge.get("/ours", headers=credential("run-7", in_an_hour))
    edge.get("/customer")
    edge.get("/claims", headers={"Tenfold-Rehearsal": "verified"})
    edge.get("/forged", headers=credential("run-7", in_an_hour, "another secret of thirty-two bytes"))
    edge.get("/expired", headers=credential("run-7", a_minute_ago))
    edge.get("/for-ever", headers=credential("run-7", time.time() + 25 * 3600))
    told = {request.target: request.headers.get("tenfold-rehearsal") for request in origin.requests()}
    assert told == {"/ours": "verified", **dict.fromkeys(["/customer", "/claims", "/forged", "/expired", "/for-ever"])}
    wait_until(lambda: edge.api_json("/api/v1/status")["requests_total"] >= 6, "six requests are counted")
    assert edge.api_json("/api/v1/status")["rehearsal_requests_total"] == 1
    assert re.search(r'^tenfold_rehearsal_requests_total\{worker="0"\} 1$', edge.api("/metrics").body.decode(), re.M)
    edge.wait_for_log(lambda line: "/for-ever" in line)
    runs = {entry["request_uri"]: entry["rehearsal"] for entry in map(json.loads, edge.access_log())}
    assert runs["/ours"] == "run-7" and {run for uri, run in runs.items() if uri != "/ours"} == {""}


def test_the_rehearsals_secret_may_change_while_running(start_scripted, start_edge):
    origin = start_scripted()
    edge = start_edge([origin])
    in_an_hour = time.time() + 3600

    def is_known(secret):
        edge.get("/", headers=credential("run-7", in_an_hour, secret))
        return origin.requests()[-1].headers.get("tenfold-rehearsal") == "verified"

    other = "the secret after the first was told"
    assert not is_known(SECRET)
    for secret, not_this in ((SECRET, other), (other, SECRET)):
        edge.configure(rehearsal={"secret": secret})
        edge.reload()
        wait_until(lambda: is_known(secret), "the new secret is taken over")
        wait_until(lambda: not is_known(not_this), "the old one is forgotten")
