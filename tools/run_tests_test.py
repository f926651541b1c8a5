"""The counting of ./test: a failure must never be counted as anything else."""

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


def test_counts_of_pytest():
    assert run_tests.pytest_counts("3 failed, 5 passed, 1 skipped in 2.50s") == run_tests.Counts(5, 3, 1)
    assert run_tests.pytest_counts("1 passed, 2 errors in 1.00s") == run_tests.Counts(1, 2, 0)
    assert run_tests.pytest_counts("") == run_tests.Counts()


def test_every_part_of_the_command_line_exists():
    assert set(run_tests.PARTS) == {"check", "unit", "fuzz", "system"}
