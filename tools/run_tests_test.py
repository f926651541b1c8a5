"""The counting of ./test: a failure must never be counted as anything else."""

import os
import re
import subprocess

import run_tests


def test_counts_passed_failed_and_skipped_of_a_gtest_program():
    output = (
        "[ RUN      ] Parser.reads\n[       OK ] Parser.reads (0 ms)\n"
        "[ RUN      ] Parser.refuses\nx.cpp:1: Failure\n[  FAILED  ] Parser.refuses (1 ms)\n"
        "[ RUN      ] Parser.later\n[  SKIPPED ] Parser.later (0 ms)\n"
        "[  SKIPPED ] 1 test, listed below:\n[  SKIPPED ] Parser.later\n"
        "[  FAILED  ] 1 test, listed below:\n[  FAILED  ] Parser.refuses\n"
    )
    assert run_tests.gtest_counts(output, 1) == run_tests.Counts(1, 1, 1)


def test_counts_parameterised_failures_once():
    output = "[ RUN      ] All/P.x/0\n[  FAILED  ] All/P.x/0, where GetParam() = 4 (2 ms)\n[  FAILED  ] All/P.x/0, where GetParam() = 4\n"
    assert run_tests.gtest_counts(output, 1) == run_tests.Counts(0, 1, 0)


def test_a_program_that_dies_in_a_test_fails_that_test():
    output = "[ RUN      ] A.a\n[       OK ] A.a (0 ms)\n[ RUN      ] A.b\nERROR: AddressSanitizer\n"
    assert run_tests.gtest_counts(output, -6) == run_tests.Counts(1, 1, 0)


def test_a_report_after_the_last_test_fails():
    output = "[ RUN      ] A.a\n[       OK ] A.a (0 ms)\n[  PASSED  ] 1 test.\nERROR: LeakSanitizer\n"
    assert run_tests.gtest_counts(output, 1) == run_tests.Counts(1, 1, 0)


def test_a_program_without_tests_fails():
    assert run_tests.gtest_counts("", 0) == run_tests.Counts(0, 1, 0)


def test_what_failed_is_named():
    died = "[ RUN      ] A.a\n[  FAILED  ] A.a (1 ms)\n[ RUN      ] P.x/0\n[  FAILED  ] P.x/0, where GetParam() = 4 (2 ms)\n[ RUN      ] A.b\n"
    assert run_tests.gtest_counts(died, -6, "asan a_test").failures == ["asan a_test A.a", "asan a_test P.x/0", "asan a_test A.b (ended in it)"]
    assert run_tests.gtest_counts("[ RUN      ] A.a\n[       OK ] A.a (0 ms)\n", 1, "tsan a_test").failures == ["tsan a_test exit code 1"]


def test_what_failed_is_said_at_the_end(tmp_path, monkeypatch, capsys):
    (tmp_path / "some_test.py").write_text("def test_bad():\n    assert 1 == 2\n\n\ndef test_good():\n    pass\n")
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    monkeypatch.setattr(run_tests, "PARTS", {"check": lambda: run_tests.run_pytest("some_test.py"), "fuzz": lambda: run_tests.failure("a_fuzz")})
    assert run_tests.main(["check", "fuzz"]) == 1
    assert capsys.readouterr().out.splitlines()[-3:] == ["  failed: some_test.py::test_bad", "  failed: a_fuzz", "1 passed, 2 failed"]


def test_counts_of_pytest():
    assert run_tests.pytest_counts("3 failed, 5 passed, 1 skipped in 2.50s") == run_tests.Counts(5, 3, 1)
    assert run_tests.pytest_counts("1 passed, 2 errors in 1.00s") == run_tests.Counts(1, 2, 0)
    assert run_tests.pytest_counts("") == run_tests.Counts()


def test_every_part_of_the_command_line_exists():
    assert set(run_tests.PARTS) == {"check", "unit", "fuzz", "system", "chaos", "dev", "plain", "elsewhere"}


def fake_fuzzer(folder, name, script):
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return name, program


def test_fuzzers_run_side_by_side(tmp_path, monkeypatch, capsys):
    """Each waits until the other has started: one after the other, neither would end well."""
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    wait = 'touch "{0}/{1}"; for i in $(seq 200); do [ -e "{0}/{2}" ] && exit 0; sleep 0.05; done; exit 1'
    fuzzers = [fake_fuzzer(tmp_path, "a_fuzz", wait.format(tmp_path, "a", "b")),
               fake_fuzzer(tmp_path, "b_fuzz", wait.format(tmp_path, "b", "a"))]
    assert run_tests.run_fuzzers(fuzzers, at_once=2) == run_tests.Counts(passed=2)


def test_what_a_fuzzer_says_is_shown_whole(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    fuzzers = [fake_fuzzer(tmp_path, f"{word}_fuzz", f"for i in 1 2 3; do echo {word} $i; done; exit 77")
               for word in ("one", "two", "three")]
    fuzzers.append(fake_fuzzer(tmp_path, "good_fuzz", "echo stat::number_of_executed_units: 4711"))
    fuzzers.append(("missing_fuzz", tmp_path / "missing_fuzz"))
    assert run_tests.run_fuzzers(fuzzers, at_once=2) == run_tests.Counts(passed=1, failed=4)
    said = capsys.readouterr().out
    for word in ("one", "two", "three"):
        assert re.search(rf"^{word} 1\n{word} 2\n{word} 3\n+  {word}_fuzz: failed", said, re.M), said
    assert "  good_fuzz: passed, 4711 inputs" in said
    assert "  missing_fuzz: not built: 1 failed" in said


def test_a_long_build_says_how_far_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run_tests, "PROGRESS_S", 0.05)
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    script = 'echo "[3/7] one"; while [ ! -e go ]; do sleep 0.02; done; echo "[7/7] two"; exit 3'
    said = []
    monkeypatch.setattr(run_tests, "say", lambda text: (said.append(text), (tmp_path / "go").touch() if "[3/7]" in text else None))
    code, output = run_tests.run_saying_how_far(["sh", "-c", script], tmp_path / "log", "asan")
    assert (code, output) == (3, "[3/7] one\n[7/7] two\n")
    assert any(line.startswith("  asan: [3/7] after ") for line in said)


def test_the_first_build_of_run_says_how_far_it_is(tmp_path):
    script = f"""
      . {run_tests.ROOT}/tools/setup.sh
      cd {tmp_path}; : >log
      (sleep 1.5; echo "[3/7] one" >log; while [ ! -e go ]; do sleep 0.1; done) &
      say_how_far $! log"""
    with subprocess.Popen(["bash", "-euo", "pipefail", "-c", script], stderr=subprocess.PIPE, text=True, env={**os.environ, "TENFOLD_PROGRESS_S": "1"}) as process:
        first = process.stderr.readline()
        (tmp_path / "go").touch()
        assert process.wait() == 0
    assert first.startswith("  building: [3/7] after ")
