"""What is made of measurements: verdicts, and the document's measured parts between what people wrote."""

import checks_bench
import pytest
import report


@pytest.mark.parametrize(("cores", "per_s", "word"), [(1.0, 1000, "met"), (0.5, 500, "met"), (1.01, 1000, "**missed**"), (0.51, 500, "**missed**")])
def test_checks_are_judged_at_the_target_s_rate(cores, per_s, word):
    assert checks_bench.verdict({"tenfold": {"cores": cores, "per_s": per_s}})[2] == word


def test_a_part_is_replaced_and_what_people_wrote_around_it_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "DOCUMENT", tmp_path / "BENCHMARKS.md")
    report.DOCUMENT.write_text("# Ours\n\n<b>\nold\n<e>\n\nafter\n")
    report.write_between("<b>", "<e>", "<b>\nnew\n<e>")
    assert report.DOCUMENT.read_text() == "# Ours\n\n<b>\nnew\n<e>\n\nafter\n"


def test_a_part_that_is_not_there_yet_comes_last(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "DOCUMENT", tmp_path / "BENCHMARKS.md")
    for name in ("one", "two", "one"):
        report.write_between(f"<{name}>", f"</{name}>", f"<{name}>\nfrom {name}\n</{name}>")
    assert report.DOCUMENT.read_text() == "# Benchmarks\n\n<one>\nfrom one\n</one>\n\n<two>\nfrom two\n</two>\n"


def test_tables_for_terminal_and_document():
    table = [("program", "µs"), ("tenfold", "7")]
    assert report.text_table("Words", table, [("≤ 8", "7", "**missed**")]) == "Words\n  program  µs\n  tenfold   7\n  target ≤ 8: 7, missed"
    assert report.markdown_table(table) == ["| program | µs |", "| --- | ---: |", "| tenfold | 7 |", ""]
