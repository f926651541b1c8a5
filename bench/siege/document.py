"""docs/SIEGE.md from the runs in bench/results/siege and those recorded before: what was measured, with its plots."""

import json

import contenders
import plots
import report  # bench/peers
import results
import rows

RESULTS = report.ROOT / "bench" / "results" / "siege"
DOCUMENT = report.ROOT / "docs" / "SIEGE.md"
PLOTS = report.ROOT / "docs" / "siege"
RECORD = PLOTS / "runs.jsonl"
TOLD = ("kept_share", "counted", "pages", "customers", "attack", "cpu_share", "resident_mib", "invalid")  # of a run, in the record
BEGIN, END = "<!-- written by bench/siege/run: begin -->", "<!-- written by bench/siege/run: end -->"
OURS = "tenfold"
TARGET_KEPT, TARGET_P99_MS = 0.98, 1000
SEEDS_OF_A_RECORD = 5  # fewer are good for a look, not for the document


def key_of(run):
    return run["row"], run["contender"], run["seed"]


def recorded():
    """{key: run} of the record that the repository keeps, so that a later day can add seeds and rows to it."""
    if not RECORD.exists():
        return {}
    return {key_of(run): run for run in map(json.loads, RECORD.read_text().splitlines())}


def measured(usual_timing):
    """The same of this machine's own runs, those of usual length, each with no more than the document tells."""
    found = {}
    for row in rows.ROWS:
        for file in sorted(RESULTS.glob(f"{row.name}.*.json")):
            run = json.loads(file.read_text())
            if run.pop("timing") == row.timing(usual_timing).__dict__:
                found[key_of(run)] = run | {"found": {name: run["found"][name] for name in TOLD}}
    return found


def record(runs):
    lines = [json.dumps(runs[key], separators=(",", ":"), sort_keys=True) for key in sorted(runs)]
    RECORD.write_text("\n".join([*lines, ""]))


def by_row(runs):
    """{row: {contender: [cell]}}, in the order of the document."""
    found = {}
    for row in rows.ROWS:
        for name in contenders.STARTS:
            cells = [runs[key]["found"] for key in sorted(runs) if key[:2] == (row.name, name)]
            if cells:
                found.setdefault(row.name, {})[name] = cells
    return found


def when(runs):
    """The days and commits of what was measured."""
    days = sorted({run["date"] for run in runs.values()})
    commits = sorted({run["commit"] for run in runs.values() if run["contender"].startswith(OURS)})
    return " to ".join(days[:1] + days[1:][-1:]), ", ".join(commits)


def interval(cells, path, form):
    """"97 % (95–98)" of the valid runs; "void" when none is valid."""
    three = results.over_seeds(cells, path)
    if three is None:
        return "void" if all(each["invalid"] for each in cells) else "–"
    median, low, high = (form(value) for value in three)
    return median if low == high else f"{median} ({low}–{high})"


def percent(value):
    return f"{100 * value:.1f}" if value < 0.9995 else "100"


def whole(value):
    return f"{value:,.0f}"


def seconds(value):
    return f"{value:.2f}"


# What a cell has, for the detailed tables: heading, path in the numbers, form.
MEASURES = [
    ("orders kept, %", "kept_share", percent),
    ("pages p50, ms", "pages.felt_p50_ms", whole),
    ("p99, ms", "pages.felt_p99_ms", whole),
    ("p99 without solving", "pages.felt_unsolved_p99_ms", whole),
    ("customers", "customers.there", whole),
    ("refused", "customers.refused", whole),
    ("turned away by the shop", "customers.shop_refused", whole),
    ("challenged", "customers.challenged", whole),
    ("queued", "customers.queued", whole),
    ("first measure, s", "attack.first_measure_s", seconds),
    ("attack sent", "attack.sent", whole),
    ("passed, %", "attack.passed_share", percent),
    ("CPU, %", "cpu_share", percent),
    ("void runs", "", None),
]


def detail(row, by_contender):
    yield "contender", *(heading for heading, _, _ in MEASURES)
    for name, cells in by_contender.items():
        void = sum(bool(each["invalid"]) for each in cells)
        yield name, *(interval(cells, path, form) if form else str(void) for _, path, form in MEASURES)


def summary(found, path, form):
    names = [name for name in contenders.STARTS if any(name in by_contender for by_contender in found.values())]
    yield "row", *names
    for row in rows.ROWS:
        if row.name in found:
            yield row.name, *(interval(found[row.name][name], path, form) if name in found[row.name] else "" for name in names)


def median(cells, path):
    three = results.over_seeds(cells, path)
    return three[0] if three else None


def judged(found):
    """Of each row that ours was measured in: (row, what it misses, who keeps more orders)."""
    for row in rows.ROWS:
        cells = found.get(row.name, {}).get(OURS)
        if not cells or median(cells, "kept_share") is None:
            continue
        missed = []
        if median(cells, "kept_share") < TARGET_KEPT:
            missed.append(f"orders kept {percent(median(cells, 'kept_share'))} %")
        if (median(cells, "pages.felt_p99_ms") or 0) > TARGET_P99_MS:
            missed.append(f"p99 {whole(median(cells, 'pages.felt_p99_ms'))} ms")
        if median(cells, "customers.refused") > 0:
            missed.append(f"{whole(median(cells, 'customers.refused'))} customers refused")
        better = [f"{name} ({percent(median(others, 'kept_share'))} %)" for name, others in found[row.name].items()
                  if (median(others, "kept_share") or 0) > median(cells, "kept_share") and not name.startswith("tenfold")]
        yield row.name, missed, better


def targets(found):
    lines = list(judged(found))
    if not lines:
        return []
    table = [("row", f"target ({TARGET_KEPT:.0%} kept, p99 ≤ 1 s, nobody honest refused)", "keeps more orders than ours")]
    table += [(name, ", ".join(missed) if missed else "met", ", ".join(better) or "nobody") for name, missed, better in lines]
    met = sum(not missed for _, missed, _ in lines)
    return [f"## Targets: {met} of {len(lines)} rows met", "", *report.markdown_table(table)]


def text(found, days, commits):
    words = {row.name: row.words for row in rows.ROWS}
    seeds = max((len(cells) for by_contender in found.values() for cells in by_contender.values()), default=0)
    lines = [report.machine_line({"machine": report.machine()}, {"nginx": "nginx", "HAProxy": "haproxy", "Varnish": "varnish"}),
             f"Up to {seeds} seeds a cell, {days}; Tenfold at {commits or 'no commit'}. Median (lowest–highest).", "",
             "![Orders kept by row and contender](siege/orders.svg)", "",
             "![p99 of pages served, by row and contender](siege/p99.svg)", "", *targets(found),
             "## Orders kept, %", "", *report.markdown_table(list(summary(found, "kept_share", percent))),
             "## Pages served, p99 from the click, ms", "",
             *report.markdown_table(list(summary(found, "pages.felt_p99_ms", whole))),
             "## Honest customers refused", "", *report.markdown_table(list(summary(found, "customers.refused", whole))),
             "## Row by row", ""]
    for name, by_contender in found.items():
        lines += [f"### {name}: {words[name]}", "", f"`bench/siege/run --rows {name}`", "",
                  *report.markdown_table(list(detail(name, by_contender)))]
    return "\n".join([BEGIN, *lines, END])


def write(usual_timing):
    PLOTS.mkdir(parents=True, exist_ok=True)
    runs = recorded() | measured(usual_timing)
    record(runs)
    found = by_row(runs)
    kept = {row: {name: results.over_seeds(cells, "kept_share") for name, cells in by_contender.items()}
            for row, by_contender in found.items()}
    p99 = {row: {name: results.over_seeds(cells, "pages.felt_p99_ms") for name, cells in by_contender.items()}
           for row, by_contender in found.items()}
    (PLOTS / "orders.svg").write_text(plots.dots(kept, list(contenders.STARTS), "Orders kept", plots.Share()))
    (PLOTS / "p99.svg").write_text(plots.dots(p99, list(contenders.STARTS), "p99 of pages served, from the click",
                                              plots.Milliseconds()))
    whole_text = DOCUMENT.read_text() if DOCUMENT.exists() else f"# Orders kept under attack\n\n{BEGIN}\n{END}\n"
    before, _, rest = whole_text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(before + text(found, *when(runs)) + after)
