#!/usr/bin/python3
"""What the shield costs on a served request: CPU time of the edge for each proxied GET of 1 KB, guard off, observing and
enforcing, in turn in one run.

    bench/guard/cost.py [--rounds 5] [--seconds 4]      needs build/release/tenfold, nginx and wrk

One worker of the edge on core 0; nginx, which answers at once, and wrk on core 1. The median of the rounds; and of each
round's difference to `off`, which others' work on the machine disturbs less."""

import argparse
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODES = ("off", "observe", "enforce")
TICKS = os.sysconf("SC_CLK_TCK")
NGINX = """daemon off; worker_processes 1; error_log stderr crit; pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; location / {{ default_type text/html; add_header Cache-Control no-store; return 200 "{body}"; }} }} }}"""
EDGE = """shop: Cost
workers: 1
listen: [ {{ address: "127.0.0.1:{port}" }} ]
origins: [ {{ name: shop, servers: [ "127.0.0.1:{origin}" ] }} ]
access_log: "off"
worth:
  - {{ name: checkout, paths: ["/checkout*", "/cart*"] }}
  - {{ name: browse, paths: ["/*"] }}
guard: {{ mode: "{mode}", kernel: "off" }}
sales: {{ currency: EUR, average_order: 42.50, order: "POST /checkout" }}
console: {{ address: "127.0.0.1:{console}" }}
store: tenfold.db
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port, deadline_s=10):
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nobody listens at {port}")


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def start_origin(folder):
    port = free_port()
    file = folder / "nginx.conf"
    file.write_text(NGINX.format(folder=folder, port=port, body="x" * 1024))
    process = subprocess.Popen(["taskset", "-c", "1", "nginx", "-e", "stderr", "-c", file], stdout=subprocess.DEVNULL)
    wait_for(port)
    return process, port


def start_edge(folder, mode, origin):
    own = folder / mode
    own.mkdir()
    port = free_port()
    file = own / "shop.yaml"
    file.write_text(EDGE.format(port=port, origin=origin, mode=mode, console=free_port()))
    log = (own / "log").open("w")
    process = subprocess.Popen(["taskset", "-c", "0", ROOT / "build/release/tenfold", "run", "-c", file], stdout=log, stderr=log)
    wait_for(port)
    return process, port


def microseconds_each(process, port, seconds):
    before = cpu_s(process.pid)
    shown = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{seconds}s", f"http://127.0.0.1:{port}/p/1"],
                           capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in shown:
        raise RuntimeError(shown)
    return (cpu_s(process.pid) - before) / int(re.search(r"(\d+) requests in", shown).group(1)) * 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tenfold-guard-cost-") as name:
        folder = pathlib.Path(name)
        origin, origin_port = start_origin(folder)
        edges = {mode: start_edge(folder, mode, origin_port) for mode in MODES}
        try:
            rounds = []
            for number in range(arguments.rounds + 1):
                order = MODES if number % 2 else MODES[::-1]
                found = {mode: microseconds_each(*edges[mode], arguments.seconds) for mode in order}
                if number:  # the first warms up
                    rounds.append(found)
                    print(" ".join(f"{mode} {found[mode]:.2f}" for mode in MODES))
        finally:
            for process, _ in edges.values():
                stop(process)
            stop(origin)
    for mode in MODES:
        over = statistics.median(each[mode] - each["off"] for each in rounds)
        print(f"{mode:8} {statistics.median(each[mode] for each in rounds):6.2f} µs a request, {over:+.2f} over off")


if __name__ == "__main__":
    main()
