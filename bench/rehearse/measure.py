"""What `tenfold learn` and `tenfold rehearse` promise, measured: see README.md here and --help."""

import argparse
import concurrent.futures
import datetime
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "system"), str(ROOT / "bench" / "peers")]

import report  # noqa: E402  (bench/peers)
from support import fidelity, raw  # noqa: E402  (tests/system)
from support.edge import PROGRAM, Edge  # noqa: E402
from support.rehearsal import DEMO_MODEL, SHARED_LOG, Rehearsal, Shop  # noqa: E402

BEGIN, END = "<!-- written by bench/rehearse/run: begin -->", "<!-- written by bench/rehearse/run: end -->"
DRIVER_CORE, EDGE_CORE = 1, 0
KINDS = {"/": "page", "/c": "page", "/p": "page", "/about": "page", "/search": "search", "/cart": "cart", "/login": "cart",
         "/pictures": "picture", "/favicon.svg": "static"}


# ---- The learner ----

class LongLog:
    """A log over and over, each time later: seconds of it, cut where their time stamp stands, so that a million lines are
    made in less time than they take to read."""

    def __init__(self, log):
        self.seconds, last = [], None
        for line in gzip.open(log, "rb") if str(log).endswith(".gz") else open(log, "rb"):
            stamp = line.split(b"[", 1)[1].split(b"]", 1)[0]
            if stamp != last:
                self.seconds.append([stamp, []])
                last = stamp
            self.seconds[-1][1].append(line)
        self.lines = sum(len(lines) for _, lines in self.seconds)
        self.seconds = [(self.moment(stamp), b"".join(lines).split(b"[" + stamp + b"]")) for stamp, lines in self.seconds]
        self.every_s = self.seconds[-1][0] - self.seconds[0][0] + 3600  # Visitors who come again have been away for long enough.

    @staticmethod
    def moment(stamp):
        return int(datetime.datetime.strptime(stamp.decode(), "%d/%b/%Y:%H:%M:%S %z").timestamp())

    def write(self, lines, into):
        """At least so many lines; returns how many."""
        written = number = 0
        while written < lines:
            for moment, pieces in self.seconds:
                stamp = time.strftime("[%d/%b/%Y:%H:%M:%S +0000]", time.gmtime(moment + number * self.every_s)).encode()
                into.write(stamp.join(pieces))
            number += 1
            written += self.lines
        return written


def learn(log, _folder):
    long = LongLog(log)
    rows = []
    for lines in (1_000_000, 10_000_000, 30_000_000):
        with tempfile.TemporaryDirectory(prefix="tenfold-learn-") as folder:
            began = time.monotonic()
            with subprocess.Popen(["taskset", "-c", str(DRIVER_CORE), PROGRAM, "learn", "-", "-o", f"{folder}/model.json", "--json"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
                written = long.write(lines, process.stdin)
                process.stdin.close()
                summary = json.loads(process.stdout.read())
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0 and summary["lines"] == written and summary["bad_lines"] == 0
            cpu_s = used.ru_utime + used.ru_stime
            rows.append({"lines": written, "cpu_s": cpu_s, "lines_per_cpu_s": written / cpu_s, "wall_s": time.monotonic() - began,
                         "resident_mib": used.ru_maxrss / 1024, "sessions": summary["sessions"]})
            say("learn", rows[-1])
    return {"rows": rows}


def learn_text(found):
    slowest = min(row["lines_per_cpu_s"] for row in found["rows"])
    most = max(row["resident_mib"] for row in found["rows"])
    lines = ["The shared log over and over through a pipe, each time later, so that sessions end; one core, the reading of the pipe included.", "",
             "| lines | CPU s | lines a second of CPU | resident MiB | sessions |", "| ---: | ---: | ---: | ---: | ---: |"]
    lines += [f"| {row['lines']:,} | {row['cpu_s']:.1f} | {row['lines_per_cpu_s']:,.0f} | {row['resident_mib']:.0f} | {row['sessions']:,} |"
              for row in found["rows"]]
    return lines, [("≥ 500,000 lines a second a core", f"{slowest:,.0f}", slowest >= 500_000),
                   ("memory does not grow with the log", f"{most:.0f} MiB at most", most < 1.25 * found["rows"][1]["resident_mib"])]


# ---- The knee ----

def mean_service_s(times_ms, templates):
    """Of the mix that was sent; the shop says how long each kind takes."""
    sent = {each["name"]: each["sent"] for each in templates}
    total = sum(sent.values())
    of = {name: times_ms[KINDS["/" + re.split(r"[/?{]", name)[1]]] for name in sent}
    return sum(count * of[name] for name, count in sent.items()) / total / 1000


def find_knee(folder, url, *options):
    code, result = Rehearsal(folder, url, "--find-limit", "--threads", 1, "--slo", "p99<2s,errors<0.5%", *options).finish(1200)
    assert code in (0, 1), (code, result)
    return result


def knee_of_rate(folder, workers, each_ms, start):
    shop = Shop(folder, workers=workers, each_ms=each_ms)
    try:
        capacity = 1000 * workers / each_ms
        found = [find_knee(folder / str(number), shop.url, "--rate", f"{start}/s", "--step", "10s")["knee"]["requests_per_s"]
                 for number in range(3)]
    finally:
        shop.stop()
    return {"what": f"`tenfold shop --workers {workers} --time page={each_ms}ms`, constant rate", "capacity": [capacity] * 3, "found": found}


def knee_of_visitors(folder, workers):
    shop = Shop(folder, workers=workers)
    times = json.loads(raw.request(shop.port, "/control/status", host=shop.address).body)["service_times_ms"]
    capacity, found = [], []
    try:
        for number in range(3):
            result = find_knee(folder / str(number), shop.url, "--traffic", DEMO_MODEL, "--times", 5, "--step", "20s", "--seed", number + 1)
            capacity.append(workers / mean_service_s(times, result["templates"]))
            found.append(result["knee"]["requests_per_s"])
    finally:
        shop.stop()
    return {"what": f"`tenfold shop --workers {workers}`, visitors of examples/demo.traffic.json", "capacity": capacity, "found": found}


def knee_through_edge(folder, workers, each_ms):
    shops = [Shop(folder, name=f"shop-{number}", workers=workers, each_ms=each_ms) for number in (1, 2)]
    edge = Edge(folder / "edge", shops, workers=1, routes=[{"paths": ["/*"], "origins": ["shop"], "cache": "bypass"}])
    try:
        edge.wait_until_ready()
        found = [find_knee(folder / str(number), f"http://127.0.0.1:{edge.port}/", "--rate", "120/s", "--step", "10s")["knee"]["requests_per_s"]
                 for number in range(3)]
    finally:
        for part in (edge, *shops):
            part.stop()
    return {"what": f"the edge before two origins of {workers} workers, page={each_ms}ms, constant rate",
            "capacity": [2000 * workers / each_ms] * 3, "found": found}


def knee(_log, folder):
    """The cases side by side, each with its own shop: together they need a fraction of a core."""
    cases = [(knee_of_rate, 10, 40, 90), (knee_of_rate, 12, 15, 200), (knee_of_visitors, 20), (knee_through_edge, 8, 40)]
    with concurrent.futures.ThreadPoolExecutor() as threads:
        started = [threads.submit(case[0], made(folder / str(number)), *case[1:]) for number, case in enumerate(cases)]
        rows = [each.result() for each in started]
    for row in rows:
        say("knee", row)
    return {"rows": rows}


def knee_text(found):
    lines = ["Three searches in a row each; the capacity is workers divided by the mean service time of what was sent.", "",
             "| searched | capacity, requests/s | knee found | off by % |", "| --- | ---: | ---: | ---: |"]
    worst = 0
    for row in found["rows"]:
        off = [(knee / capacity - 1) * 100 for knee, capacity in zip(row["found"], row["capacity"])]
        worst = max(worst, *map(abs, off))
        lines.append(f"| {row['what']} | {', '.join(f'{each:.0f}' for each in dict.fromkeys(round(c) for c in row['capacity']))} | "
                     f"{', '.join(f'{each:.0f}' for each in row['found'])} | {', '.join(f'{each:+.1f}' for each in off)} |")
    return lines, [("knee within 5 % of the arithmetic, three times in a row", f"{worst:.1f} % at worst", worst <= 5)]


# ---- Ten times the peak ----

def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ten_times(log, folder):
    model = folder / "model.json"
    summary = json.loads(subprocess.run([PROGRAM, "learn", log, "-o", model, "--json"], check=True, capture_output=True).stdout)
    fidelity.without_sizes(model)
    shop = fidelity.AnyShop(made(folder / "shop"))
    edge = Edge(folder / "edge", [shop], workers=1, access_log=None)
    rounds = []
    try:
        shop.wait_for_port(shop.port)
        edge.wait_until_ready()
        for process, core in ((edge, EDGE_CORE), (shop, EDGE_CORE), *((Pid(pid), EDGE_CORE) for pid in shop.children())):
            subprocess.run(["taskset", "-a", "-p", "-c", str(core), str(process.pid)], check=True, capture_output=True)
        for number in range(3):
            before = cpu_s(edge.pid)
            code, result = Rehearsal(folder / f"run-{number}", f"http://127.0.0.1:{edge.port}/", "--traffic", model, "--times", 10, "--for", "45s",
                                     "--threads", 1, "--client-addresses", "127.2.0.0/16", "--allow-orders", "--seed", number + 1,
                                     before=["taskset", "-c", DRIVER_CORE]).finish(120)
            rounds.append({"code": code, "verdict": result["verdict"], "planned": result["planned"], "sent": result["sent"],
                           "failed": result["failed"], "achieved_per_s": result["achieved_per_s"], "p50_ms": result["p50_ms"],
                           "p99_ms": result["p99_ms"], "sessions": result["counts"]["sessions"],
                           "rate_per_s": result["run"]["rate_per_s"], "late_p99_ms": result["driver"]["arrival_error_ms"]["p99"],
                           "driver_core": result["driver"]["busiest_thread"], "edge_core": (cpu_s(edge.pid) - before) / 45,
                           "reasons": result["reasons"]})
            say("ten_times", rounds[-1])
    finally:
        edge.stop()
        shop.stop()
    return {"peak_requests_per_s": summary["peak_requests_per_s"], "peak_sessions_per_s": summary["peak_sessions_per_s"], "rounds": rounds}


class Pid:
    def __init__(self, pid):
        self.pid = pid


def ten_times_text(found):
    columns = (("verdict", "verdict", "s"), ("visits begun", "sessions", ","), ("planned", "planned", ","), ("sent", "sent", ","),
               ("failed", "failed", ","), ("answered/s", "achieved_per_s", ",.0f"), ("p50 ms", "p50_ms", ".2f"), ("p99 ms", "p99_ms", ".2f"),
               ("late by, p99 ms", "late_p99_ms", ".3f"), ("driver, cores", "driver_core", ".3f"), ("edge, cores", "edge_core", ".3f"))
    lines = [f"The log's busiest minute ({found['peak_sessions_per_s']:.2f} sessions and {found['peak_requests_per_s']:.1f} requests a second) ten times, "
             "for 45 s of which the first 4.5 are the ramp; driver on one core; edge and nginx, which has every page, share the other.", "",
             "| " + " | ".join(head for head, _, _ in columns) + " |", "| --- |" + " ---: |" * (len(columns) - 1)]
    lines += ["| " + " | ".join(f"{row[key]:{form}}" for _, key, form in columns) + " |" for row in found["rounds"]]
    good = all(row["verdict"] == "PASS" and row["planned"] == row["sent"] for row in found["rounds"])
    return lines, [("ten times the log's peak, all of the plan sent", ", ".join(row["verdict"] for row in found["rounds"]), good)]


# ---- Fidelity ----

def play(folder, model, times, length_s):
    shop = fidelity.AnyShop(made(folder / f"shop-{times}"))
    try:
        shop.wait_for_port(shop.port)
        code, result = Rehearsal(folder / f"run-{times}", f"http://{shop.address}/", "--traffic", model, "--times", times, "--profile", "mean", "--for",
                                 f"{length_s}s", "--ramp", "0s", "--allow-orders", "--client-addresses", "127.2.0.0/16", "--slo", "errors<1%",
                                 "--threads", 1).finish(length_s + 60)
        # A busy machine makes it late by milliseconds, and INVALID; of whole seconds that changes nothing, and it is told.
        assert code in (0, 1, 3) and result["sent"] >= 0.999 * result["planned"], result["reasons"]
        told = f"{result['sent']:,} of {result['planned']:,} sent, 99 % of them within {result['driver']['arrival_error_ms']['p99']:.0f} ms of their moment"
        return figures_at(shop, length_s), told
    finally:
        shop.stop()


def figures_at(shop, length_s):
    entries = list(shop.entries())
    return fidelity.Figures(entries, begin=min(entry[0] for entry in entries), length_s=length_s)


def plan_figures(folder, log):
    """{figure: [expectation, standard deviation of one play, that of the log's own figure]} by fidelity_test.cpp: what the plan comes
    to in the mean of many seeds, without a network."""
    program = ROOT / "build" / "dev" / "src" / "rehearse" / "rehearse_test"
    file = folder / "plan.json"
    subprocess.run([program, "--gtest_filter=Fidelity.PlayedOnce*"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "TENFOLD_LOG": str(log), "TENFOLD_FIGURES": str(file)})
    return json.loads(file.read_text())


def fidelity_measured(log, folder):
    model = folder / "model.json"
    subprocess.run([PROGRAM, "learn", log, "-o", model, "--json"], check=True, capture_output=True)
    fidelity.without_sizes(model)
    logged = fidelity.Figures(fidelity.logged_entries(log))
    length_s = int(logged.seconds)
    with concurrent.futures.ThreadPoolExecutor() as threads:
        started = {times: threads.submit(play, folder, model, times, length_s) for times in (1, 10)}
        plan = plan_figures(folder, log)
        played = {times: each.result() for times, each in started.items()}
    return compared(logged, length_s, plan, played)


def compared(logged, length_s, plan, played):
    """`played`: {times: (Figures, how punctual it was)}."""
    def figures(of, times):
        rows = {"requests/s": of.requests / of.seconds / times, "sessions/min": of.sessions / of.seconds * 60 / times,
                "share of 304, %": 100 * of.not_modified / of.requests}
        rows |= {f"requests/s {group}": of.per_s(group) / times for group, count in sorted(logged.by_group.items()) if count >= 200}
        rows |= {f"requests of a visit, quantile {share}": fidelity.quantile(of.lengths, share) for share in (0.25, 0.5, 0.75, 0.9, 0.95)}
        rows |= {f"pause in s, quantile {share}": fidelity.quantile(of.pauses, share) for share in (0.1, 0.25, 0.5, 0.75, 0.9)}
        return rows

    result = {"length_s": length_s, "log": figures(logged, 1), "plan": plan}
    result |= {str(times): figures(of, times) for times, (of, _) in played.items()}
    result["told"] = "; ".join(f"at {times} times {told}" for times, (_, told) in played.items())
    say("fidelity", result)
    return result


def fidelity_text(found):
    lines = [f"The model of the shared log, learned and played for the log's {found['length_s']} s. *Plan*: what the model comes to in the mean of "
             f"{found['plan']['seeds']} plays without a network (`src/rehearse/plan/fidelity_test.cpp`); *played*: one play each to nginx, which has "
             "every page, counted in the two servers' logs in the same way. At ten times the rates are divided by ten. *One play* is the standard "
             "deviation of a single play's figure, *log* that of the log's own, had other visitors come like these (its visitors drawn anew, "
             "500 times): what is more uncertain in the log than 5 % is marked ~, for nobody could say what it should be to 5 %. Quantiles are "
             "whole seconds and whole requests: one of them is no difference. The plays: " + found["told"] + ".", "",
             "| figure | log | ± % | plan | ratio | one play ± % | played once | ratio | played ten times | ratio |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    off = {"plan": [], "1": [], "10": []}
    for name, logged in found["log"].items():
        of_plan = found["plan"]["figures"][name]
        values = {"plan": of_plan["mean"], "1": found["1"][name], "10": found["10"][name]}
        cells = {}
        for which, value in values.items():
            ratio = value / logged
            if abs(ratio - 1) > 0.05 and not ("quantile" in name and abs(value - logged) <= 1):
                off[which].append(name)
            cells[which] = f"{value:.3g} | {ratio:.3f}"
        mark = " ~" if of_plan["log_deviation"] > 0.05 else ""
        lines.append(f"| {name}{mark} | {logged:.3g} | {100 * of_plan['log_deviation']:.1f} | {cells['plan']} | {100 * of_plan['deviation']:.1f} | "
                     f"{cells['1']} | {cells['10']} |")
    count = len(found["log"])
    words = {"plan": "in the mean of many plays", "1": "played once", "10": "played ten times"}
    return lines, [(f"the log's own figures within 5 %, {words[which]}", f"{count - len(names)} of {count}"
                    + (f"; not {', '.join(names)}" if names else ""), not names) for which, names in off.items()]


# ---- All of them ----

MEASUREMENTS = {"learn": ("The learner", learn, learn_text), "knee": ("The knee of shops of known capacity", knee, knee_text),
                "ten_times": ("Ten times the log's peak against the edge", ten_times, ten_times_text),
                "fidelity": ("A log learned and played", fidelity_measured, fidelity_text)}


def made(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def say(name, row):
    print(f"  {name}: {json.dumps(row)}", file=sys.stderr, flush=True)


def result_file(name):
    return report.RESULTS / f"rehearse_{name}.json"


def write_document():
    lines = ["", "## Learning and rehearsing", ""]
    results = {name: json.loads(result_file(name).read_text()) for name in MEASUREMENTS if result_file(name).exists()}
    about = next(iter(results.values()))["machine"]
    lines += [f"Machine: {about['processor']}, {about['cores']} cores, {about['system']}, Linux {about['kernel']}, nginx {about['nginx']}.", "",
              "| measured | target | came out | |", "| --- | --- | --- | --- |"]
    for name, result in results.items():
        for target, outcome, met in MEASUREMENTS[name][2](result["found"])[1]:
            lines.append(f"| {MEASUREMENTS[name][0]} | {target} | {outcome} | {'met' if met else '**missed**'} |")
    for name, result in results.items():
        words, _, text = MEASUREMENTS[name]
        lines += ["", f"### {words}", "", f"`bench/rehearse/run {name}`, {result['date']}, commit {result['machine']['tenfold']}. "
                  + text(result["found"])[0][0], *text(result["found"])[0][1:]]
    text = report.DOCUMENT.read_text()
    if BEGIN not in text:
        text = text.rstrip("\n") + f"\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    report.DOCUMENT.write_text(before + "\n".join([BEGIN, *lines, "", END]) + after)


def main():
    parser = argparse.ArgumentParser(prog="bench/rehearse/run", description="Measures learning and rehearsing; writes docs/BENCHMARKS.md.")
    parser.add_argument("measurements", nargs="*", choices=[*MEASUREMENTS, []], help="these only")
    parser.add_argument("--log", type=pathlib.Path, default=SHARED_LOG, help="an access log (combined, also .gz)")
    arguments = parser.parse_args()
    if not arguments.log.exists():
        parser.error(f"{arguments.log} is not here; name another with --log")
    for name in arguments.measurements or MEASUREMENTS:
        with tempfile.TemporaryDirectory(prefix=f"tenfold-{name}-") as folder:
            pathlib.Path(folder).chmod(0o755)
            found = MEASUREMENTS[name][1](arguments.log, pathlib.Path(folder))
        made(report.RESULTS)
        result_file(name).write_text(json.dumps({"date": datetime.date.today().isoformat(), "machine": report.machine(), "found": found}, indent=1))
        for target, outcome, met in MEASUREMENTS[name][2](found)[1]:
            print(f"{MEASUREMENTS[name][0]}: {target}: {outcome}, {'met' if met else 'missed'}", flush=True)
        write_document()
    return 0


if __name__ == "__main__":
    sys.exit(main())
