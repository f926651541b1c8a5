"""The load driver beside its peers: CPU for each request at full speed, how well a rate is kept, and whether a server
that stands still is seen. See bench/peers/README.md and --help."""

import argparse
import array
import contextlib
import dataclasses
import pathlib
import statistics
import subprocess
import sys
import tempfile

import drivers
import report
import scenarios
import servers

DRIVER_CORE = servers.PROXY_CORE
SERVER_CORE = servers.LOAD_CORE
ROUNDS_OF_A_RECORD = 5
MEASURING_SERVER = report.ROOT / "build" / "measuring_server"
BEGIN, END = "<!-- written by bench/peers/run drivers: begin -->", "<!-- written by bench/peers/run drivers: end -->"

RATE_PER_S = 5000
FULL_CONNECTIONS = 64
RATE_CONNECTIONS = 50  # So that each has a whole number of requests a second.
SETTLE_S = 0.5  # Of arrivals left out at the beginning, while connections are made.
STALL_FROM_S, STALL_FOR_S, STALL_EVERY_S = 4.5, 1, 10
# A tenth of the requests fall into the stall and wait for its end, evenly between 0 and 1 s: a hundredth waits longer
# than 0.9 s.
TRUE_P99_MS = 900


@dataclasses.dataclass(frozen=True)
class Measurement:
    name: str
    words: str
    seconds: int
    columns: tuple  # (head, key, format)


MEASUREMENTS = (
    Measurement("driver_full", "Load drivers at full speed: GET, 1 KB from nginx, 64 connections", 3,
                (("CPU µs/request", "cpu_us", ".2f"), ("requests/s", "per_s", ",.0f"), ("errors", "errors", ".0f"))),
    Measurement("driver_rate", f"Load drivers at {RATE_PER_S:,} requests/s over {RATE_CONNECTIONS} connections", 4,
                (("rate off the plan by %", "rate_error_percent", ".3f"), ("arrival error p50 ms", "error_p50_ms", ".3f"),
                 ("arrival error p99 ms", "error_p99_ms", ".3f"), ("largest ms", "error_most_ms", ".2f"),
                 ("CPU µs/request", "cpu_us", ".1f"))),
    Measurement("driver_stall", f"Load drivers at {RATE_PER_S:,} requests/s on a server that stands still for "
                f"{STALL_FOR_S} s in {STALL_EVERY_S} s: the p99 they report (true: {TRUE_P99_MS} ms)", STALL_EVERY_S,
                (("reported p99 ms", "p99_ms", ",.1f"), ("of the true one", "p99_share", ".3f"),
                 ("arrived in the stall", "arrived_in_stall", ",.0f"), ("requests", "requests", ",.0f"))),
)


class MeasuringServer:
    """measuring_server.cpp on a core of its own; `arrivals()` ends it."""

    def __init__(self, stall=()):
        self.process = subprocess.Popen(["taskset", "-c", str(SERVER_CORE), str(MEASURING_SERVER), *map(str, stall)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/"

    def arrivals(self):
        """Nanoseconds of a monotonic clock, in the order of arrival."""
        self.process.stdin.close()
        times = array.array("q")
        times.frombytes(self.process.stdout.read())
        self.process.wait()
        return times

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def arrival_errors(arrivals, rate_per_s, settle_s=SETTLE_S):
    """{rate_error_percent, error_p50_ms, error_p99_ms, error_most_ms}: the arrivals beside a schedule with exactly that
    rate. Which moment the driver took for its first is not known here: the schedule is moved so that half of the
    requests come before and half after theirs. Errors are without sign."""
    begin = arrivals[0] + int(settle_s * 1e9)
    times = [time for time in arrivals if time >= begin]
    every = 1e9 / rate_per_s
    late = [time - number * every for number, time in enumerate(times)]
    middle = statistics.median(late)
    errors = [abs(each - middle) / 1e6 for each in late]
    achieved = (len(times) - 1) / ((times[-1] - times[0]) / 1e9)
    return {"rate_error_percent": abs(achieved / rate_per_s - 1) * 100, "error_p50_ms": drivers.quantile(errors, 0.5),
            "error_p99_ms": drivers.quantile(errors, 0.99), "error_most_ms": max(errors)}


def full_speed(driver, measurement, folder, nginx):
    del folder
    job = drivers.Job(f"http://127.0.0.1:{nginx.port}{servers.PLAIN_1K}", measurement.seconds, FULL_CONNECTIONS)
    return drivers.run(driver, job, DRIVER_CORE)


def at_a_rate(driver, measurement, folder, nginx):
    del folder, nginx
    if not driver.has_rate:
        return None
    server = MeasuringServer()
    try:
        job = drivers.Job(server.url, measurement.seconds, RATE_CONNECTIONS, RATE_PER_S)
        return drivers.run(driver, job, DRIVER_CORE) | arrival_errors(server.arrivals(), RATE_PER_S)
    finally:
        server.stop()


def through_a_stall(driver, measurement, folder, nginx):
    del nginx
    server = MeasuringServer((STALL_FROM_S, STALL_FOR_S, STALL_EVERY_S))
    try:
        rate = RATE_PER_S if driver.has_rate else None
        job = drivers.Job(server.url, measurement.seconds, RATE_CONNECTIONS, rate, may_open_more=True, log=str(folder / "requests.log"))
        numbers = drivers.run(driver, job, DRIVER_CORE)
        arrivals = server.arrivals()
    finally:
        server.stop()
    if numbers["p99_ms"] is None:
        raise RuntimeError(f"{driver.name} reported no p99")
    begin, end = (arrivals[0] + moment * 1e9 for moment in (STALL_FROM_S, STALL_FROM_S + STALL_FOR_S))
    numbers["arrived_in_stall"] = sum(begin <= time < end for time in arrivals)
    numbers["p99_share"] = numbers["p99_ms"] / TRUE_P99_MS
    return numbers


MEASURE = {"driver_full": full_speed, "driver_rate": at_a_rate, "driver_stall": through_a_stall}


def measure(measurement, present, rounds):
    """[{driver: numbers}] for each round; the drivers take turns."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tenfold-drivers-")))
        folder.chmod(0o755)
        nginx = servers.start_origin(folder)
        stack.callback(nginx.stop)
        found = []
        for number in range(rounds):
            numbers = {driver.name: MEASURE[measurement.name](driver, measurement, folder, nginx) for driver in present}
            found.append({name: value for name, value in numbers.items() if value is not None})
            head, key, form = measurement.columns[0]
            words = ", ".join(f"{name} {value[key]:{form}}" for name, value in found[-1].items())
            print(f"  {measurement.name} round {number + 1} of {rounds}, {head}: {words}", file=sys.stderr)
        return found


def verdicts(measurement, medians):
    """[(target, what came out, met or missed)] for the targets of DESIGN.md."""
    ours = medians.get("tenfold")
    if ours is None:
        return []

    def judged(target, outcome, is_met):
        return target, outcome, "met" if is_met else "**missed**"

    if measurement.name == "driver_full" and "wrk" in medians:
        ratio = ours["cpu_us"] / medians["wrk"]["cpu_us"]
        return [judged("CPU ≤ 0.90 × wrk", f"{ratio:.2f} × wrk", ratio <= 0.90)]
    if measurement.name == "driver_rate":
        off, error = ours["rate_error_percent"], ours["error_p99_ms"]
        return [judged("rate within 0.1 % of the plan", f"{off:.3f} %", off <= 0.1),
                judged("arrival error p99 ≤ 1 ms", f"{error:.3f} ms", error <= 1)]
    if measurement.name == "driver_stall":
        return [judged(f"p99 reported within 5 % of {TRUE_P99_MS} ms", f"{ours['p99_ms']:.0f} ms", abs(ours["p99_share"] - 1) <= 0.05)]
    return []


def rows(measurement, medians):
    yield "driver", *(head for head, _, _ in measurement.columns)
    for name, value in medians.items():
        yield name, *(f"{value[key]:{form}}" for _, key, form in measurement.columns)


def terminal_table(measurement, medians):
    return report.text_table(measurement.words, list(rows(measurement, medians)), verdicts(measurement, medians))


def markdown():
    results = report.load(measurement.name for measurement in MEASUREMENTS)
    present = [(measurement, results[measurement.name]) for measurement in MEASUREMENTS if measurement.name in results]
    lines = ["", "## Load drivers", "",
             "One thread and one core for the driver, another core for the server; the drivers take turns in each round. Arrival "
             "times are taken at the server. wrk has no rate: it is left out where one is asked for, and runs at full speed before "
             "the server that stands still; its p99 there includes requests that it did not send but reckons it would have. h2load "
             "reports no percentiles; its p99 is computed from its log. Before the server that stands still, tenfold opens more "
             "connections when all of its own wait; the others do not.", "",
             report.machine_line(present[0][1], {name: name for name in ("nginx", "wrk", "h2load", "hey", "autocannon")}), "",
             *report.targets_table([(measurement.words, *each) for measurement, result in present
                                    for each in verdicts(measurement, result["median"])])]
    for measurement, result in present:
        lines += report.section(measurement.words, f"bench/peers/run drivers --only {measurement.name}", result,
                                list(rows(measurement, result["median"])))
    return "\n".join([BEGIN, *lines, END])


def write_document():
    report.write_between(BEGIN, END, markdown())


def main():
    parser = argparse.ArgumentParser(prog="bench/peers/run drivers", description="Measures the load driver beside its peers.")
    parser.add_argument("--only", action="append", choices=[each.name for each in MEASUREMENTS],
                        help="this measurement only; may be repeated")
    parser.add_argument("--skip", action="append", default=[], choices=[each.name for each in drivers.DRIVERS],
                        help="without this driver")
    parser.add_argument("--rounds", type=int, default=ROUNDS_OF_A_RECORD, help="default %(default)s; fewer change no document")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("at least one round")
    scenarios.raise_file_limit()
    present = [driver for driver in drivers.DRIVERS if driver.name not in arguments.skip and drivers.is_here(driver)]
    missing = [driver.name for driver in drivers.DRIVERS if driver not in present]
    if missing:
        print(f"without {', '.join(missing)}", file=sys.stderr)
    for measurement in MEASUREMENTS:
        if arguments.only and measurement.name not in arguments.only:
            continue
        rounds = measure(measurement, present, arguments.rounds)
        print(terminal_table(measurement, report.median_of(rounds)) + "\n", flush=True)
        if arguments.rounds >= ROUNDS_OF_A_RECORD and not arguments.skip:
            report.save(measurement.name, rounds, measurement.seconds, drivers.versions())
            write_document()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(5)
