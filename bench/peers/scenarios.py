"""What is measured, with whom, and what one measurement of one program is."""

import dataclasses
import re
import resource
import subprocess
import sys
import time

import servers

IDLE_CONNECTIONS = 10_000
IDLE_WARM_UP = 200
SETTLE_S = 2


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    words: str
    path: str
    peers: tuple
    floor: bool = False  # with the relay that looks at nothing, which is no peer
    connections: int = 64
    tls: bool = False
    new_connections: bool = False
    idle: bool = False
    # The target of DESIGN.md: the measure and its bound; a ratio is against the better peer.
    target_cpu_ratio: float | None = None
    target_bytes_each: int | None = None


SCENARIOS = (
    Scenario("proxied_1k", "Proxied GET, 1 KB, keep-alive", servers.PLAIN_1K, ("nginx", "haproxy"), floor=True,
             target_cpu_ratio=0.65),
    Scenario("proxied_100k", "Proxied GET, 100 KB, keep-alive", servers.PLAIN_100K, ("nginx", "haproxy")),
    Scenario("cached_1k", "Cached GET, 1 KB, keep-alive", servers.CACHED_1K, ("nginx", "varnish"), target_cpu_ratio=0.75),
    Scenario("tls_1k", "Proxied GET, 1 KB, TLS, keep-alive", servers.PLAIN_1K, ("nginx", "haproxy"), tls=True),
    Scenario("new_connection", "Proxied GET, 1 KB, a new connection for each request", servers.PLAIN_1K,
             ("nginx", "haproxy"), new_connections=True),
    Scenario("idle_10k", "10,000 idle keep-alive connections", servers.CACHED_1K, ("nginx", "haproxy", "varnish"),
             idle=True, target_bytes_each=1024),
)


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def parse_wrk(output):
    """{requests, per_s, p50_ms, p99_ms, errors} from what `wrk --latency` prints."""
    requests, seconds = re.search(r"(\d+) requests in ([\d.]+\w+),", output).groups()
    socket_errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    bad_status = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    errors = sum(map(int, socket_errors.groups())) if socket_errors else 0
    return {
        "requests": int(requests),
        "per_s": int(requests) / (milliseconds(seconds) / 1000),
        "p50_ms": milliseconds(re.search(r"^ +50% +(\S+)", output, re.M).group(1)),
        "p99_ms": milliseconds(re.search(r"^ +99% +(\S+)", output, re.M).group(1)),
        "errors": errors + (int(bad_status.group(1)) if bad_status else 0),
    }


def load(scenario, server, seconds):
    """One stretch of load from wrk: wrk's numbers, the program's CPU time for each request and its memory."""
    url = f"https://127.0.0.1:{server.tls_port}" if scenario.tls else f"http://127.0.0.1:{server.port}"
    command = ["taskset", "-c", str(servers.LOAD_CORE), "wrk", "-t1", f"-c{scenario.connections}", f"-d{seconds}s",
               "--latency", "-H", "Host: shop.example"]
    if scenario.new_connections:
        command += ["-H", "Connection: close"]
    before = server.cpu_s()
    output = subprocess.run([*command, url + scenario.path], check=True, capture_output=True, text=True).stdout
    result = parse_wrk(output)
    if result["requests"] == 0:
        raise RuntimeError(f"{server.name} answered nothing in {scenario.name}:\n{output}")
    result["cpu_us"] = (server.cpu_s() - before) * 1e6 / result["requests"]
    result["rss_bytes"] = server.resident_bytes()
    return result


def hold_idle(server, path, count):
    """Starts clients whose connections stay open; returns when all have had an answer."""
    clients = subprocess.Popen(["taskset", "-c", str(servers.LOAD_CORE), sys.executable, "-B",
                                str(__file__).replace("scenarios.py", "idle_clients.py"), str(server.port), str(count), path],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if clients.stdout.readline().strip() != "ready":
        clients.kill()
        clients.wait()
        raise RuntimeError(f"{server.name} did not take {count} connections")
    return clients


def idle(scenario, server):
    """Resident memory that each of the idle connections adds, beyond what a few hundred connections had warmed up."""
    clients = hold_idle(server, scenario.path, IDLE_WARM_UP)
    clients.stdin.close()
    clients.wait()
    time.sleep(SETTLE_S)
    before = server.resident_bytes()
    clients = hold_idle(server, scenario.path, IDLE_CONNECTIONS)
    time.sleep(SETTLE_S)
    after = server.resident_bytes()
    clients.stdin.close()
    clients.wait()
    return {"bytes_each": (after - before) / IDLE_CONNECTIONS, "rss_bytes": after, "errors": 0}


def raise_file_limit():
    """10,000 connections on each side; the programs under test inherit the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < IDLE_CONNECTIONS + 500:
        raise RuntimeError(f"at most {hard} open files here; {IDLE_CONNECTIONS + 500} are needed (ulimit -Hn)")
