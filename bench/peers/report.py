"""From measurements to medians, ratios, a table in the terminal and docs/BENCHMARKS.md."""

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
    """{server: {measure: median}} of [{server: {measure: number}}]."""
    names = rounds[0].keys()
    return {name: {measure: statistics.median(one[name][measure] for one in rounds) for measure in rounds[0][name]}
            for name in names}


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


def save(scenario, rounds, seconds, date):
    RESULTS.mkdir(parents=True, exist_ok=True)
    result = {"scenario": scenario.name, "date": date, "seconds": seconds, "machine": machine(), "rounds": rounds,
              "median": median_of(rounds)}
    (RESULTS / f"{scenario.name}.json").write_text(json.dumps(result, indent=1))


def markdown(scenarios):
    """The measured part of the document from the results of the last run of each scenario."""
    loaded = {}
    for scenario in scenarios:
        file = RESULTS / f"{scenario.name}.json"
        if file.exists():
            loaded[scenario.name] = json.loads(file.read_text())
    targets, tables = [], []
    for scenario in scenarios:
        if scenario.name not in loaded:
            continue
        result = loaded[scenario.name]
        outcome = verdict(scenario, result["median"])
        if outcome:
            targets.append(f"| {scenario.words} | {outcome[0]} | {outcome[1]} | {outcome[2]} |")
        tables += [f"### {scenario.words}", "", f"`bench/peers/run --only {scenario.name}`: median of {len(result['rounds'])} "
                   f"rounds of {result['seconds']} s each, {result['date']}, commit {result['machine']['tenfold']}.", "",
                   *markdown_table(rows(scenario, result["median"]))]
    about = next(iter(loaded.values()))["machine"]
    head = [f"Machine: {about['processor']}, {about['cores']} cores, {about['system']}, Linux {about['kernel']}. "
            f"nginx {about['nginx']}, HAProxy {about['haproxy']}, Varnish {about['varnish']}, wrk {about['wrk']}.", ""]
    if targets:
        head += ["| measured | target | came out | |", "| --- | --- | --- | --- |", *targets, ""]
    return "\n".join([BEGIN, *head, *tables, END])


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
