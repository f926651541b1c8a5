"""The load drivers: how each is told what to do, and what is read from what it prints.

All have one thread and one core. Those with a rate of their own are given it; wrk has none and sends as fast as it is
answered. A driver's numbers: requests it counts as answered, its own p99 in ms (None where it reports none), errors.
"""

import dataclasses
import json
import os
import re
import resource
import shutil
import subprocess

import report
from scenarios import parse_wrk

AUTOCANNON = report.ROOT / "build" / "autocannon" / "node_modules" / "autocannon" / "autocannon.js"
TENFOLD = report.ROOT / "build" / "release" / "tenfold"
PATIENCE_S = 30  # After the end of its time a driver that has not ended is killed.


@dataclasses.dataclass(frozen=True)
class Job:
    url: str
    seconds: int
    connections: int
    rate: int | None = None  # requests a second over all connections; None: as fast as it goes
    may_open_more: bool = False  # Connections, where the driver does so when all of its own wait for answers.
    log: str | None = None  # where a driver that reports no percentiles may write every request


def wrk_command(job):
    return ["wrk", "-t1", f"-c{job.connections}", f"-d{job.seconds}s", "--latency", "--timeout", "10s",
            job.url]


def read_wrk(output, _job):
    numbers = parse_wrk(output)
    return {"requests": numbers["requests"], "p99_ms": numbers["p99_ms"], "errors": numbers["errors"]}


def h2load_command(job):
    rate = [f"--rps={job.rate / job.connections:g}"] if job.rate else []
    log = [f"--log-file={job.log}"] if job.log else []
    return ["h2load", "--h1", "-t1", f"-c{job.connections}", f"-D{job.seconds}", *rate, *log, job.url]


def quantile(values, share):
    """The value that `share` of them do not pass (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1e6) * len(ordered) // 1_000_000) - 1)]


def read_h2load(output, job):
    """Its own summary has no percentiles; its log has a line for each request: start in µs, status, µs it took."""
    total, failed, timed_out = map(int, re.search(
        r"requests: \d+ total, \d+ started, (\d+) done, \d+ succeeded, (\d+) failed, \d+ errored, (\d+) timeout", output).groups())
    numbers = {"requests": total, "p99_ms": None, "errors": failed + timed_out}
    if job.log and os.path.exists(job.log):
        with open(job.log, encoding="ascii") as lines:
            took = [int(line.split("\t")[2]) for line in lines]
        os.unlink(job.log)
        if took:
            numbers["p99_ms"] = quantile(took, 0.99) / 1000
    return numbers


def hey_command(job):
    rate = ["-q", f"{job.rate / job.connections:g}"] if job.rate else []
    return ["hey", "-z", f"{job.seconds}s", "-c", str(job.connections), *rate, "-disable-compression", job.url]


def read_hey(output, _job):
    answered = sum(map(int, re.findall(r"^ +\[\d{3}\]\s+(\d+) responses", output, re.M)))
    good = sum(map(int, re.findall(r"^ +\[2\d\d\]\s+(\d+) responses", output, re.M)))
    failed = sum(map(int, re.findall(r"^ +\[(\d+)\]\s+\D", output.partition("Error distribution")[2], re.M)))
    p99 = re.search(r"^ +99%+ in ([\d.]+) secs", output, re.M)
    return {"requests": answered, "p99_ms": float(p99.group(1)) * 1000 if p99 else None, "errors": answered - good + failed}


def autocannon_command(job):
    rate = ["--overallRate", str(job.rate)] if job.rate else []
    return ["node", str(AUTOCANNON), "--connections", str(job.connections), "--duration", str(job.seconds), *rate, "--json",
            "--no-progress", job.url]


def read_autocannon(output, _job):
    numbers = json.loads(next(line for line in output.splitlines() if line.startswith("{")))
    return {"requests": numbers["requests"]["total"], "p99_ms": numbers["latency"]["p99"],
            "errors": numbers["errors"] + numbers["non2xx"]}


def tenfold_command(job):
    rate = f"{job.rate}/s" if job.rate else "max"
    connections = [] if job.may_open_more else ["--connections", str(job.connections)]
    return [str(TENFOLD), "rehearse", job.url, "--rate", rate, "--for", f"{job.seconds}s", *connections, "--threads", "1",
            "--json"]


def read_tenfold(output, _job):
    numbers = json.loads(output)
    return {"requests": numbers["requests"], "p99_ms": numbers["p99_ms"], "errors": numbers["failed"]}


@dataclasses.dataclass(frozen=True)
class Driver:
    name: str
    command: callable
    read: callable
    has_rate: bool = True
    good_exits: tuple = (0,)


DRIVERS = (
    # 1: a verdict that the server falls short, which is what the stall is there for.
    Driver("tenfold", tenfold_command, read_tenfold, good_exits=(0, 1)),
    Driver("wrk", wrk_command, read_wrk, has_rate=False),
    Driver("h2load", h2load_command, read_h2load),
    Driver("hey", hey_command, read_hey),
    Driver("autocannon", autocannon_command, read_autocannon),
)


def is_here(driver):
    if driver.name == "autocannon":
        return AUTOCANNON.exists() and shutil.which("node") is not None
    if driver.name == "tenfold":
        if not TENFOLD.exists():
            return False
        commands = subprocess.run([TENFOLD, "--help"], capture_output=True, text=True, check=False).stdout
        return re.search(r"^ +rehearse\b", commands, re.M) is not None
    return shutil.which(driver.name) is not None


def run(driver, job, core):
    """The driver's numbers for the job, and the CPU time of its process and children for each request."""
    command = ["taskset", "-c", str(core), *driver.command(job)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        output, words = process.communicate(timeout=job.seconds + PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise RuntimeError(f"{' '.join(command)} did not end:\n{process.communicate()[0][-2000:]}") from None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode not in driver.good_exits:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{output[-2000:]}{words[-2000:]}")
    numbers = driver.read(output, job)
    if numbers["requests"] == 0:
        raise RuntimeError(f"{driver.name} counted no answer:\n{output[-2000:]}{words[-2000:]}")
    numbers["per_s"] = numbers["requests"] / job.seconds
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    numbers["cpu_us"] = cpu_s * 1e6 / numbers["requests"]
    return numbers


def versions():
    autocannon = AUTOCANNON.parent / "package.json"
    return {
        "h2load": report.version_of(["h2load", "--version"], r"nghttp2/([\d.]+)"),
        "hey": report.version_of(["dpkg-query", "-W", "-f", "${Version}", "hey"], r"([\d.]+)"),
        "autocannon": json.loads(autocannon.read_text())["version"] if autocannon.exists() else "not installed",
    }
