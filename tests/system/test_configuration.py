"""What `check` promises, `run` keeps; and what a reload says of itself."""

import json
import os
import re
import socket
import subprocess

import pytest
from support import raw
from support.authority import openssl
from support.edge import PROGRAM, tenfold
from support.processes import accepts, free_port, wait_until


def written(folder, **settings):
    """A file that `run` could start with, but for the settings given."""
    configuration = {"shop": "S", "listen": [{"address": f"127.0.0.1:{free_port()}"}],
                     "origins": [{"name": "a", "servers": ["127.0.0.1:1"]}], "store": str(folder / "t.db"), "access_log": "off"}
    file = folder / "shop.yaml"
    file.write_text(json.dumps({**configuration, **settings}))
    return file


def weak_certificate(folder):
    openssl("req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=shop.test", "-days", "30", "-sha256",
            "-keyout", folder / "weak.key", "-out", folder / "weak.pem")
    return {"listen": [{"address": f"127.0.0.1:{free_port()}", "certificates": [{"chain": "weak.pem", "key": "weak.key"}]}]}


def pipe_without_reader(folder):
    os.mkfifo(folder / "pipe")
    return {"access_log": {"path": "pipe"}}


def log_in_no_folder(folder):
    os.symlink("none/access.log", folder / "link")
    return {"access_log": {"path": "link"}}


def log_that_is_a_socket(folder):
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(folder / "bound"))
    return {"access_log": {"path": "bound"}}


def the_edge_itself(_):
    port = free_port()
    return {"listen": [{"address": f"0.0.0.0:{port}"}], "origins": [{"name": "a", "servers": [f"localhost:{port}"]}]}


def the_console(_):
    port = free_port()
    return {"console": {"address": f"127.0.0.1:{port}"}, "origins": [{"name": "a", "servers": [f"0.0.0.0:{port}"]}]}


@pytest.mark.parametrize(("settings", "words"), [
    (weak_certificate, "key too small"),
    (pipe_without_reader, "nobody reads"),
    (log_in_no_folder, "link"),
    (log_that_is_a_socket, "a socket"),
    (lambda _: {"access_log": {"path": "."}}, "is a folder"),
    (the_edge_itself, "ask itself without end"),
    (the_console, "ask itself without end"),
])
def test_what_run_does_not_start_with_check_refuses(tmp_path, settings, words):
    file = written(tmp_path, **settings(tmp_path))
    checked = tenfold("check", "-c", file)
    assert checked.returncode == 2 and words in checked.stderr, checked.stderr
    started = tenfold("run", "-c", file)  # ends by itself
    assert started.returncode in (2, 5) and words in started.stderr, started.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_check_looks_at_the_access_log_as_the_user_who_will_write_it(tmp_path):
    file = written(tmp_path, user="nobody", access_log={"path": "access.log"})
    checked = tenfold("check", "-c", file)
    assert checked.returncode == 2 and "user nobody may not write" in checked.stderr, checked.stderr
    started = tenfold("run", "-c", file)
    assert started.returncode == 5 and "access.log" in started.stderr, started.stderr


def test_a_socket_as_standard_output_takes_the_access_log_by_either_name(two_origins, tmp_path):
    ours, its = socket.socketpair()  # as systemd gives it
    for path in ("/dev/stdout", "-"):
        port = free_port()
        file = written(tmp_path, listen=[{"address": f"127.0.0.1:{port}"}], access_log={"path": path},
                       origins=[{"name": "a", "servers": [two_origins[0].address]}])
        assert tenfold("check", "-c", file).returncode == 0
        with subprocess.Popen([PROGRAM, "run", "-c", file], stdout=its, stderr=subprocess.DEVNULL) as started:
            try:
                wait_until(lambda at=port: accepts(at), "it serves")
                assert raw.request(port, "/into-the-journal").status
                ours.settimeout(10)
                received = b""
                while b"/into-the-journal" not in received:
                    received += ours.recv(65536)
            finally:
                started.terminate()


def test_a_cache_larger_than_the_machine_is_warned_of(tmp_path):
    checked = tenfold("check", "-c", written(tmp_path, cache={"memory": "1TiB"}))
    assert checked.returncode == 0 and "warning: cache.memory: 1TiB" in checked.stderr, checked.stderr


def reload_of(edge):
    return edge.api_json("/api/v1/status")["reload"]


def gauge(edge, name):
    return float(re.search(rf"^{name} (\S+)$", edge.api("/metrics").body.decode(), re.MULTILINE).group(1))


def test_a_refused_reload_is_shown_until_the_next(two_origins, start_edge):
    edge = start_edge(two_origins)
    assert reload_of(edge) == {"result": "none", "at": None, "error": None, "takes_restart": []}
    assert gauge(edge, "tenfold_reload_successful") == 1
    began = gauge(edge, "tenfold_reload_success_timestamp_seconds")
    edge.configuration_file.write_text("shop: Broken\nlisten: [\n")
    edge.reload()
    wait_until(lambda: reload_of(edge)["result"] == "refused", "the status says that it was refused")
    assert "shop.yaml:" in reload_of(edge)["error"] and reload_of(edge)["at"]
    assert gauge(edge, "tenfold_reload_successful") == 0
    assert gauge(edge, "tenfold_reload_success_timestamp_seconds") == began
    edge.configure()
    edge.reload()
    wait_until(lambda: reload_of(edge)["result"] == "ok", "the status says that it is in force")
    assert reload_of(edge)["error"] is None
    assert gauge(edge, "tenfold_reload_successful") == 1
    assert gauge(edge, "tenfold_reload_success_timestamp_seconds") > began


def test_a_changed_listen_address_waits_for_a_restart_and_the_rest_does_not(two_origins, start_nginx, start_edge):
    edge = start_edge(two_origins)
    third, other_port = start_nginx("origin-3"), free_port()
    edge.configure(servers=[third], listen=[{"address": f"127.0.0.1:{other_port}"}])
    edge.reload()
    wait_until(lambda: edge.get("/who").body == str(third.port).encode(), "the new origin serves, on the old address")
    assert not accepts(other_port)
    wait_until(lambda: reload_of(edge)["result"] != "none", "the reload is over")  # what it brings is in force a moment before
    shown = reload_of(edge)
    expected = f"listen: 127.0.0.1:{edge.port} is running, 127.0.0.1:{other_port} is configured"
    assert shown["result"] == "ok" and shown["takes_restart"] == [expected]
    assert f"SIGHUP: {expected}: takes a restart" in edge.log()


def test_an_origin_that_this_process_still_serves_is_refused_until_a_restart(two_origins, start_edge):
    kept = free_port()
    edge = start_edge(two_origins)
    both = [{"address": f"127.0.0.1:{edge.port}"}, {"address": f"127.0.0.1:{kept}"}]
    edge.configure(listen=both)
    edge.stop()
    edge.start_again()
    edge.configure()
    edge.reload()
    wait_until(lambda: reload_of(edge)["takes_restart"], "one listener is out of the file, and runs on")
    for port, settings in ((kept, {}), (edge.console_port, {"console": {"address": f"127.0.0.1:{free_port()}"}})):
        edge.configure(origins=[{"name": "shop", "servers": [f"localhost:{port}"]}], **settings)
        edge.reload()
        wait_until(lambda at=port: f"localhost:{at}" in (reload_of(edge)["error"] or ""), "what is wrong is shown")
        shown = reload_of(edge)
        assert shown["result"] == "refused", shown
        assert re.search(rf"shop\.yaml:\d+:\d+: origins\[0\].*127\.0\.0\.1:{port}, which is still served by this process "
                         "until a restart", shown["error"]), shown
        assert edge.get("/who").status == 200


def test_too_few_open_files_are_said_with_what_to_set(tmp_path):
    file = written(tmp_path, limits={"connections": 10_000})
    checked = subprocess.run(["bash", "-c", 'ulimit -n 400 && exec "$@"', "-", PROGRAM, "check", "-c", file],
                             capture_output=True, text=True, timeout=20, check=False)
    assert checked.returncode == 0
    assert re.search(r"need 11280 open files, and the system allows a process 400: .*LimitNOFILE=11280", checked.stderr), checked.stderr
