"""The document and its plots."""

import dataclasses
import json
import xml.etree.ElementTree

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
