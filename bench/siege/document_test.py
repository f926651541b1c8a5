"""The document and its plots."""

import dataclasses
import json
import xml.etree.ElementTree

import contenders
import document
import plan
import plots
import rows


def cell(kept, p99=500, refused=0, invalid=()):
    return {"kept_share": kept, "pages": {"felt_p50_ms": 20, "felt_p99_ms": p99, "felt_unsolved_p99_ms": p99},
            "customers": dict.fromkeys(("there", "refused", "shop_refused", "challenged", "queued"), 0) | {"refused": refused},
            "attack": {"first_measure_s": 0.4, "sent": 1000, "passed_share": 0.1}, "cpu_share": 0.3, "invalid": list(invalid)}


def test_a_cell_is_a_median_with_its_interval():
    cells = [cell(0.97), cell(0.98), cell(1.0), cell(0.1, invalid=["late"])]
    assert document.interval(cells, "kept_share", document.percent) == "98.0 (97.0–100)"
    assert document.interval(cells[:1], "kept_share", document.percent) == "97.0"
    assert document.interval(cells[3:], "kept_share", document.percent) == "void"


def test_a_target_is_missed_for_any_of_three_reasons():
    for ours, missed in ((cell(0.98), 0), (cell(0.979), 1), (cell(1, p99=1001), 1), (cell(1, refused=1), 1),
                         (cell(0.5, p99=2000, refused=3), 3)):
        [(_, reasons, _)] = document.judged({"searches": {"tenfold": [ours]}})
        assert len(reasons) == missed


def test_who_keeps_more_orders_than_ours_is_named():
    found = {"calm": {"nginx": [cell(0.9)], "varnish": [cell(1)], "tenfold-off": [cell(1)], "tenfold": [cell(0.95)]}}
    [(_, _, better)] = document.judged(found)
    assert better == ["varnish (100 %)"]


def test_the_document_has_every_row_and_contender_that_was_measured():
    text = document.text({"calm": {"none": [cell(1)]}, "searches": {"none": [cell(0.03)], "tenfold": [cell(0.99)]}}, "2026-11-29", "abc")
    assert "### searches: Many light sources" in text
    assert "| searches | 3.0 | 99.0 |" in text
    assert text.startswith(document.BEGIN) and text.endswith(document.END)


def test_runs_of_a_later_day_are_added_to_those_recorded(monkeypatch, tmp_path):
    monkeypatch.setattr(document, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(document, "RECORD", tmp_path / "runs.jsonl")
    document.RESULTS.mkdir()

    def measure(seed, kept, commit, timing=None):
        timing = timing or rows.named(["calm"])[0].timing(plan.Timing())
        run = {"row": "calm", "contender": "tenfold", "seed": seed, "date": f"2026-12-0{seed}", "commit": commit,
               "timing": dataclasses.asdict(timing), "found": cell(kept) | {"counted": 9, "resident_mib": 70, "lost": {"why": 1}}}
        (document.RESULTS / f"calm.tenfold.{seed}.json").write_text(json.dumps(run))

    def keep():
        document.record(document.recorded() | document.measured(plan.Timing()))
        for file in document.RESULTS.iterdir():
            file.unlink()
        return document.by_row(document.recorded())["calm"]["tenfold"]

    measure(1, 0.5, "a")
    measure(2, 0.6, "a")
    assert [each["kept_share"] for each in keep()] == [0.5, 0.6]
    measure(2, 0.9, "b")
    measure(3, 0.7, "b")
    measure(4, 0.1, "b", plan.Timing(earlier_s=1))  # a quick one
    assert [each["kept_share"] for each in keep()] == [0.5, 0.9, 0.7]
    assert "lost" not in document.RECORD.read_text()
    assert document.when(document.recorded()) == ("2026-12-01 to 2026-12-03", "a, b")


def test_ablations_are_in_a_table_of_their_own_beside_ours():
    challenged = cell(0.8)
    challenged["customers"]["challenged"] = 7
    text = document.text({"calm": {"nginx": [cell(1)], "tenfold": [cell(1)]},
                          "searches": {"nginx": [cell(0.5)], "tenfold": [cell(0.99)], "tenfold-kernel": [cell(0.98)],
                                       "tenfold-no-standing": [challenged]}}, "2026-11-29", "abc")
    before, title, rest = text.partition("## What each part is worth")
    table, _, rows_after = rest.partition("## Row by row")
    assert title and "tenfold-no-standing" not in before + rows_after
    assert "| searches | 50.0 | 99.0 | 98.0 |" in before, "with the kernel it is a column as others"
    assert "| row | tenfold | tenfold-no-standing |" in table and "calm" not in table and "nginx" not in table
    assert "| searches | 99.0 | 80.0 |" in table and "| searches | 500 | 500 |" in table and "| searches | 0 | 7 |" in table
    assert "## What each part" not in document.text({"calm": {"tenfold": [cell(1)]}}, "2026-11-29", "abc")


def test_commits_are_told_by_group():
    def run(contender, commit):
        return {"date": "2026-12-01", "commit": commit, "contender": contender}
    runs = dict(enumerate([run("tenfold", "a"), run("tenfold-off", "b"), run("nginx", "x"), run("tenfold-kernel", "c"),
                           run("tenfold-no-challenge", "d"), run("tenfold-no-fairness", "d")]))
    assert document.when(runs) == ("2026-12-01", "a, b; with the kernel at c; ablations at d")
    assert document.when({0: run("tenfold-no-standing", "d")})[1] == "ablations at d"


def test_only_xdp_on_loopback_is_ours_with_the_kernel():
    def why_not(drops, by, reason=None):
        return contenders.why_not_in_kernel({"kernel": {"drops": drops, "by": by, "why_not": reason}})
    assert why_not(True, "XDP on lo (generic)") == ""
    assert why_not(True, "nftables") == "nftables"
    assert why_not(True, "XDP on eth0 (native)")
    assert why_not(False, None, "no rights") == "no rights"


def test_plots_are_well_formed_and_show_each_dot():
    table = {"calm": {"none": (1, 1, 1), "nginx": None}, "a<b": {"none": (0.5, 0.4, 0.6)}}
    for scale in (plots.Share(), plots.Milliseconds()):
        root = xml.etree.ElementTree.fromstring(plots.dots(table, ["none", "nginx"], "Orders", scale))
        circles = [each for each in root.iter() if each.tag.endswith("circle")]
        assert len(circles) == 2 + 1  # and one in the legend


def test_milliseconds_are_logarithmic_and_stay_inside():
    scale = plots.Milliseconds()
    assert scale.place(10) == scale.place(1) == 0
    assert scale.place(60_000) == scale.place(90_000) == 1
    assert 0 < scale.place(100) < scale.place(1000) < 1
