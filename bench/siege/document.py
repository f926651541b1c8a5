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
OURS, KERNEL = "tenfold", "tenfold-kernel"
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


# Of ours, measured apart: what the document calls them, and which they are.
GROUPS = {"": [name for name in contenders.STARTS if name.startswith(OURS) and name not in (KERNEL, *contenders.ABLATIONS)],
          "with the kernel at ": [KERNEL], "ablations at ": contenders.ABLATIONS}


def when(runs):
    """The days of what was measured, and the commits of each group of ours: "a, b; with the kernel at c"."""
    days = sorted({run["date"] for run in runs.values()})
    commits = {words: sorted({run["commit"] for run in runs.values() if run["contender"] in names})
               for words, names in GROUPS.items()}
    return " to ".join(days[:1] + days[1:][-1:]), "; ".join(words + ", ".join(of) for words, of in commits.items() if of)


def apart(found):
    """by_row() as two: of the contenders, and of the ablations beside ours; of rows that have any."""
    main = {row: {name: cells for name, cells in by_contender.items() if name not in contenders.ABLATIONS}
            for row, by_contender in found.items()}
    ablated = {row: {name: cells for name, cells in by_contender.items() if name in (OURS, *contenders.ABLATIONS)}
               for row, by_contender in found.items() if any(name in by_contender for name in contenders.ABLATIONS)}
    return {row: cells for row, cells in main.items() if cells}, ablated


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


def ablations(ablated):
    if not ablated:
        return []
    lines = ["## What each part is worth", "",
             "Ours, and ours without the queue's fairness, without standing, without challenges (`guard.without`): orders kept, pages' p99 "
             "from the click, and how many honest customers were challenged.", ""]
    for words, path, form in (("Orders kept, %", "kept_share", percent), ("p99, ms", "pages.felt_p99_ms", whole),
                              ("Honest customers challenged", "customers.challenged", whole)):
        lines += [f"### {words}", "", *report.markdown_table(list(summary(ablated, path, form)))]
    return lines


def text(found, days, commits):
    found, ablated = apart(found)
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
             *ablations(ablated), "## Row by row", ""]
    for name, by_contender in found.items():
        lines += [f"### {name}: {words[name]}", "", f"`bench/siege/run --rows {name}`", "",
                  *report.markdown_table(list(detail(name, by_contender)))]
    return "\n".join([BEGIN, *lines, END])


def write(usual_timing):
    PLOTS.mkdir(parents=True, exist_ok=True)
    runs = recorded() | measured(usual_timing)
    record(runs)
    found = by_row(runs)
    shown, _ = apart(found)
    names = [name for name in contenders.STARTS if name not in contenders.ABLATIONS]
    kept = {row: {name: results.over_seeds(cells, "kept_share") for name, cells in by_contender.items()}
            for row, by_contender in shown.items()}
    p99 = {row: {name: results.over_seeds(cells, "pages.felt_p99_ms") for name, cells in by_contender.items()}
           for row, by_contender in shown.items()}
    (PLOTS / "orders.svg").write_text(plots.dots(kept, names, "Orders kept", plots.Share()))
    (PLOTS / "p99.svg").write_text(plots.dots(p99, names, "p99 of pages served, from the click",
                                              plots.Milliseconds()))
    whole_text = DOCUMENT.read_text() if DOCUMENT.exists() else f"# Orders kept under attack\n\n{BEGIN}\n{END}\n"
    before, _, rest = whole_text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(before + text(found, *when(runs)) + after)
