"""From measurements to medians, ratios, a table in the terminal and docs/BENCHMARKS.md."""

import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess

import servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results"
DOCUMENT = ROOT / "docs" / "BENCHMARKS.md"
# Measurements stand between these lines; what people write below the second stays.
BEGIN, END = "<!-- written by bench/peers/run: begin -->", "<!-- written by bench/peers/run: end -->"


def median_of(rounds):
    """{server: {measure: median}} of [{server: {measure: number}}]; without what some round could not measure (None)."""
    return {name: {measure: statistics.median(one[name][measure] for one in rounds) for measure in measures
                   if all(one[name][measure] is not None for one in rounds)}
            for name, measures in rounds[0].items()}


def better_peer(medians, measure):
    peers = {name: values[measure] for name, values in medians.items() if name not in ("tenfold", servers.FLOOR)}
    return min(peers, key=peers.get) if peers else None


def verdict(scenario, medians):
    """(words of the target, what came out, met or missed); None where no target is set or Tenfold did not run."""
    if "tenfold" not in medians:
        return None
    if scenario.target_cpu_ratio is not None:
        peer = better_peer(medians, "cpu_us")
        if peer is None:
            return None
        ratio = medians["tenfold"]["cpu_us"] / medians[peer]["cpu_us"]
        met = "met" if ratio <= scenario.target_cpu_ratio else "**missed**"
        return f"CPU ≤ {scenario.target_cpu_ratio:.2f} × the better of {' and '.join(scenario.peers)}", \
            f"{ratio:.2f} × {peer}", met
    if scenario.target_bytes_each is not None:
        each = medians["tenfold"]["bytes_each"]
        met = "met" if each <= scenario.target_bytes_each else "**missed**"
        return f"≤ {scenario.target_bytes_each / 1024:.0f} KB resident each", f"{each / 1024:.2f} KB", met
    return None


def rows(scenario, medians):
    """The table of one scenario, the first row its head."""
    if scenario.idle:
        peer = better_peer(medians, "bytes_each")
        yield "server", "KB each", "resident MiB", f"ratio to {peer or 'the better peer'}"
        for name, value in medians.items():
            yield (name, f"{value['bytes_each'] / 1024:.2f}", f"{value['rss_bytes'] / 2**20:.1f}",
                   f"{value['bytes_each'] / medians[peer]['bytes_each']:.2f}" if peer else "")
        return
    peer = better_peer(medians, "cpu_us")
    yield "server", "CPU µs/request", "requests/s", "p50 ms", "p99 ms", "resident MiB", "errors", f"CPU ratio to {peer or '-'}"
    for name, value in medians.items():
        yield (name, f"{value['cpu_us']:.1f}", f"{value['per_s']:,.0f}", f"{value['p50_ms']:.2f}", f"{value['p99_ms']:.2f}",
               f"{value['rss_bytes'] / 2**20:.1f}", f"{value['errors']:.0f}",
               f"{value['cpu_us'] / medians[peer]['cpu_us']:.2f}" if peer else "")


def text_table(words, table, outcomes):
    """For a terminal: a table, its first row the head, and what came of each target, as verdict() says it."""
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = [words]
    for row in table:
        cells = [cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  " + "  ".join(cells))
    return "\n".join(lines + [f"  target {target}: {outcome}, {word.strip('*')}" for target, outcome, word in outcomes])


def terminal_table(scenario, medians):
    outcome = verdict(scenario, medians)
    return text_table(scenario.words, list(rows(scenario, medians)), [outcome] if outcome else [])


def markdown_table(table):
    """The lines of a table, its first row the head."""
    first, *others = table
    return ["| " + " | ".join(first) + " |", "| --- |" + " ---: |" * (len(first) - 1),
            *("| " + " | ".join(row) + " |" for row in others), ""]


def version_of(command, pattern):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = re.search(pattern, done.stdout + done.stderr)
        return found.group(1) if found else "?"
    except FileNotFoundError:
        return "not installed"


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    system = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())
    return {
        "processor": model.group(1) if model else platform.machine(),
        "cores": os.cpu_count(),
        "system": system.group(1) if system else "?",
        "kernel": platform.release().split("-")[0],
        "nginx": version_of(["nginx", "-v"], r"nginx/([\d.]+)"),
        "haproxy": version_of(["haproxy", "-v"], r"version ([\d.]+)"),
        "varnish": version_of(["varnishd", "-V"], r"varnish-([\d.]+)"),
        "wrk": version_of(["wrk", "-v"], r"wrk (?:debian/)?(\S+)"),
        "tenfold": version_of(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], r"(\w+)"),
    }


def save(name, rounds, seconds, versions=None):
    """`versions` of programs besides those of machine()."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    result = {"measurement": name, "date": datetime.date.today().isoformat(), "seconds": seconds,
              "machine": machine() | (versions or {}), "rounds": rounds, "median": median_of(rounds)}
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1))


def load(names):
    """{name: result of its last run}, of those that have one."""
    files = {name: RESULTS / f"{name}.json" for name in names}
    return {name: json.loads(file.read_text()) for name, file in files.items() if file.exists()}


def machine_line(result, programs):
    """`programs`: what each is called, and its name among the machine's versions."""
    about = result["machine"]
    versions = ", ".join(f"{name} {about[key]}" for name, key in programs.items())
    return f"Machine: {about['processor']}, {about['cores']} cores, {about['system']}, Linux {about['kernel']}. {versions}."


def targets_table(judged):
    """Lines of (what was measured, target, what came out, met or missed); none without any."""
    if not judged:
        return []
    return ["| measured | target | came out | |", "| --- | --- | --- | --- |", *(f"| {' | '.join(each)} |" for each in judged), ""]


def section(words, command, result, table):
    """What was measured and how, with its table."""
    return [f"### {words}", "", f"`{command}`: median of {len(result['rounds'])} rounds of {result['seconds']} s each, "
            f"{result['date']}, commit {result['machine']['tenfold']}.", "", *markdown_table(table)]


def markdown(scenarios):
    """The measured part of the document from the results of the last run of each scenario."""
    results = load(scenario.name for scenario in scenarios)
    present = [scenario for scenario in scenarios if scenario.name in results]
    outcomes = [(scenario, verdict(scenario, results[scenario.name]["median"])) for scenario in present]
    lines = [machine_line(next(iter(results.values())),
                          {"nginx": "nginx", "HAProxy": "haproxy", "Varnish": "varnish", "wrk": "wrk"}), "",
             *targets_table([(scenario.words, *outcome) for scenario, outcome in outcomes if outcome])]
    for scenario in present:
        result = results[scenario.name]
        lines += section(scenario.words, f"bench/peers/run --only {scenario.name}", result, list(rows(scenario, result["median"])))
    return "\n".join([BEGIN, *lines, END])


def write_between(begin, end, section):
    """Replaces what stands in the document between these two lines, which the section brings along; where they are
    missing, it comes last."""
    text = DOCUMENT.read_text() if DOCUMENT.exists() else "# Benchmarks\n"
    if begin not in text:
        text = text.rstrip("\n") + f"\n\n{begin}\n{end}\n"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    DOCUMENT.write_text(before + section + after)


def write_document(scenarios):
    write_between(BEGIN, END, markdown(scenarios))
