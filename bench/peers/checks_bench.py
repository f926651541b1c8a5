"""Watch's prober beside prometheus-blackbox-exporter: CPU time and memory of a check at the same rate. See
bench/peers/README.md and --help."""

import argparse
import contextlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import processes
import report
import scenarios
import servers

PROBER_CORE = servers.PROXY_CORE
OTHER_CORE = servers.LOAD_CORE  # nginx, and who asks the exporter
RATE_PER_S = 1000
SECONDS = 10
ROUNDS_OF_A_RECORD = 5
TARGET_CORES = 1.0
DRIVER = report.ROOT / "build" / "release" / "src" / "watch" / "checks_driver"
TEXT = "Corner Shop"
SCRAPE_CONNECTIONS = 50
BEGIN, END = "<!-- written by bench/peers/run checks: begin -->", "<!-- written by bench/peers/run checks: end -->"
MEASUREMENTS = {
    "checks_http": f"{RATE_PER_S:,} HTTP checks a second, each over a new connection, a regular expression on 1 KB",
    "checks_https": f"{RATE_PER_S:,} HTTPS checks a second, each with a full handshake and a verified chain",
}


def start_nginx(folder):
    """Plain and TLS on two ports, and a page that counts the requests it has had."""
    port, tls_port = processes.free_port(), processes.free_port()
    page = f"<title>{TEXT}</title>" + "x" * 1000
    (folder / "index.html").write_text(page)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "7",
                    "-subj", "/CN=shop.example", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "shop.key"),
                    "-out", str(folder / "shop.pem")], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (folder / "nginx.conf").write_text(f"""
daemon off; {servers.nginx_user()} worker_processes 1; pid nginx.pid; error_log stderr error;
events {{ worker_connections 20000; }}
http {{
  {servers.nginx_temporary_paths()}
  access_log off; default_type text/html; ssl_session_tickets off; ssl_session_cache off;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    listen 127.0.0.1:{tls_port} ssl backlog=4096;
    ssl_certificate {folder}/shop.pem; ssl_certificate_key {folder}/shop.key;
    root {folder};
    location = /count {{ stub_status; }}
  }}
}}
""")
    nginx = processes.Server("nginx", ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")], OTHER_CORE,
                             folder, port, tls_port)
    nginx.wait_until_it_answers("/index.html")
    return nginx


def requests_of(nginx):
    with urllib.request.urlopen(f"http://127.0.0.1:{nginx.port}/count") as answer:
        return int(re.search(r"\n (\d+) (\d+) (\d+)", answer.read().decode()).group(3))


def start_exporter(folder):
    """One module for both: status 200, the same expression, the same authority. It makes a connection of its own for each
    probe."""
    (folder / "blackbox.yml").write_text(f"""
modules:
  page:
    prober: http
    timeout: 5s
    http:
      preferred_ip_protocol: ip4
      valid_status_codes: [200]
      fail_if_body_not_matches_regexp: ["{TEXT}"]
      tls_config: {{ ca_file: {folder}/shop.pem }}
""")
    port = processes.free_port()
    exporter = processes.Server("exporter", ["prometheus-blackbox-exporter", f"--config.file={folder}/blackbox.yml",
                                             f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"], PROBER_CORE, folder,
                                port)
    exporter.wait_until_it_answers("/-/healthy")
    return exporter


def target(measurement, nginx):
    return f"https://127.0.0.1:{nginx.tls_port}/" if measurement == "checks_https" else f"http://127.0.0.1:{nginx.port}/"


def run_tenfold(measurement, folder, nginx, seconds):
    before = requests_of(nginx)
    done = subprocess.run(["taskset", "-c", str(PROBER_CORE), str(DRIVER), target(measurement, nginx), str(RATE_PER_S), str(seconds),
                           TEXT, str(folder / "shop.pem")], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    if found["good"] != found["checks"]:
        raise RuntimeError(f"checks that failed: {done.stdout}")
    checks = requests_of(nginx) - before - 1
    return {"cpu_us": found["cpu_s"] / checks * 1e6, "rss_bytes": found["rss_bytes"], "per_s": checks / seconds,
            "cores": found["cpu_s"] / seconds, "p50_ms": found["p50_ms"], "p99_ms": found["p99_ms"]}


def run_exporter(measurement, exporter, nginx, seconds):
    """Asked by hey at the same rate; nginx counts what came of it."""
    probe = f"http://127.0.0.1:{exporter.port}/probe?module=page&target=" + urllib.parse.quote(target(measurement, nginx), safe="")
    with urllib.request.urlopen(probe) as answer:
        text = answer.read().decode()
    if "probe_success 1" not in text:
        raise RuntimeError(f"the exporter's probe fails:\n{text}")
    before, cpu, began = requests_of(nginx), exporter.cpu_s(), time.monotonic()
    done = subprocess.run(["taskset", "-c", str(OTHER_CORE), "hey", "-z", f"{seconds}s", "-c", str(SCRAPE_CONNECTIONS), "-q",
                           str(RATE_PER_S // SCRAPE_CONNECTIONS), probe], capture_output=True, text=True, check=True)
    took, used = time.monotonic() - began, exporter.cpu_s() - cpu
    checks = requests_of(nginx) - before - 1
    quantiles = {share: float(re.search(rf" {share}% in ([\d.]+) secs", done.stdout).group(1)) * 1e3 for share in (50, 99)}
    return {"cpu_us": used / checks * 1e6, "rss_bytes": exporter.resident_bytes(), "per_s": checks / took, "cores": used / took,
            "p50_ms": quantiles[50], "p99_ms": quantiles[99]}


def measure(measurement, rounds, seconds):
    """[{program: numbers}] for each round; the two take turns."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tenfold-checks-")))
        folder.chmod(0o755)
        nginx = start_nginx(folder)
        stack.callback(nginx.stop)
        exporter = start_exporter(folder)
        stack.callback(exporter.stop)
        found = []
        for number in range(rounds):
            found.append({"tenfold": run_tenfold(measurement, folder, nginx, seconds),
                          "blackbox_exporter": run_exporter(measurement, exporter, nginx, seconds)})
            words = ", ".join(f"{name} {value['cpu_us']:.0f} µs" for name, value in found[-1].items())
            print(f"  {measurement} round {number + 1} of {rounds}, CPU per check: {words}", file=sys.stderr)
        return found


def verdict(medians):
    cores = medians["tenfold"]["cores"] * RATE_PER_S / medians["tenfold"]["per_s"]
    return f"{RATE_PER_S:,} a second on one core", f"{cores:.2f} cores", "met" if cores <= TARGET_CORES else "**missed**"


def rows(medians):
    peer = medians["blackbox_exporter"]
    yield "program", "CPU µs/check", "checks/s", "cores", "p50 ms", "p99 ms", "resident MiB", "CPU ratio", "memory ratio"
    for name, value in medians.items():
        yield (name, f"{value['cpu_us']:.0f}", f"{value['per_s']:,.0f}", f"{value['cores']:.2f}", f"{value['p50_ms']:.2f}",
               f"{value['p99_ms']:.2f}", f"{value['rss_bytes'] / 2**20:.1f}", f"{value['cpu_us'] / peer['cpu_us']:.2f}",
               f"{value['rss_bytes'] / peer['rss_bytes']:.2f}")


def terminal_table(measurement, medians):
    return report.text_table(MEASUREMENTS[measurement], list(rows(medians)), [verdict(medians)])


def markdown():
    results = report.load(MEASUREMENTS)
    lines = ["", "## Checks", "",
             "The prober alone, started by a small program at an even rate, beside prometheus-blackbox-exporter, whose `/probe` is asked by "
             "hey at the same rate over kept connections: answering that is the only way to have it look, and is part of its cost. Both on "
             "one core; nginx, and hey, on the other. Checks are counted at nginx. Both judge the status and an expression, and trust one "
             "authority; memory is what is resident at the end of a round, for the exporter with all rounds before it. Times are not to be "
             "compared: here of a check, there of the whole answer to hey, which asks in bursts.", "",
             report.machine_line(next(iter(results.values())), {"nginx": "nginx", "prometheus-blackbox-exporter": "blackbox_exporter"}),
             "", *report.targets_table([(MEASUREMENTS[each], *verdict(result["median"])) for each, result in results.items()])]
    for measurement, result in results.items():
        lines += report.section(MEASUREMENTS[measurement], f"bench/peers/run checks --only {measurement}", result,
                                list(rows(result["median"])))
    return "\n".join([BEGIN, *lines, END])


def write_document():
    report.write_between(BEGIN, END, markdown())


def main():
    parser = argparse.ArgumentParser(prog="bench/peers/run checks", description="Measures checks beside prometheus-blackbox-exporter.")
    parser.add_argument("--only", action="append", choices=list(MEASUREMENTS), help="this measurement only; may be repeated")
    parser.add_argument("--rounds", type=int, default=ROUNDS_OF_A_RECORD, help="default %(default)s; fewer change no document")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of a round, for each program; default %(default)s")
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.seconds < 1:
        parser.error("at least one round of one second")
    scenarios.raise_file_limit()
    for measurement in MEASUREMENTS:
        if arguments.only and measurement not in arguments.only:
            continue
        rounds = measure(measurement, arguments.rounds, arguments.seconds)
        print(terminal_table(measurement, report.median_of(rounds)) + "\n", flush=True)
        if arguments.rounds >= ROUNDS_OF_A_RECORD:
            version = report.version_of(["prometheus-blackbox-exporter", "--version"], r"version (\S+?),? ")
            report.save(measurement, rounds, arguments.seconds, {"blackbox_exporter": version})
            write_document()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(5)
