"""Tests of tests_with_threads.py."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from tests_with_threads import tests_with_threads as with_threads  # noqa: E402  (pytest would take it for a test)


def write(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def names(root, module):
    return [path.name for path in with_threads(root / module, root)]


def test_a_test_that_starts_threads_itself(tmp_path):
    write(tmp_path, {"a/x_test.cpp": "std::jthread t;", "a/y_test.cpp": "int i;"})
    assert names(tmp_path, "a") == ["x_test.cpp"]


def test_threads_behind_a_header_and_the_source_beside_it(tmp_path):
    write(tmp_path, {
        "a/x_test.cpp": '#include "b/pool.hpp"\n',
        "b/pool.hpp": '#include <vector>\nclass Pool;\n',
        "b/pool.cpp": '#include "b/worker.hpp"\n',
        "b/worker.hpp": "std::thread thread_;",
        "a/y_test.cpp": '#include "b/values.hpp"\n',
        "b/values.hpp": "int i;",
    })
    assert names(tmp_path, "a") == ["x_test.cpp"]


def test_what_such_a_test_shares_with_others_comes_along(tmp_path):
    write(tmp_path, {"a/x_test.cpp": '#include "a/double_test.hpp"\nstd::thread t;', "a/double_test.hpp": "int f();",
                     "a/double_test.cpp": "int f() { return 1; }", "a/other_test.cpp": ""})
    assert names(tmp_path, "a") == ["double_test.cpp", "x_test.cpp"]


def test_a_thread_s_name_starts_none_and_includes_may_go_in_circles(tmp_path):
    write(tmp_path, {"a/x_test.cpp": '#include "a/p.hpp"\n', "a/p.hpp": '#include "a/q.hpp"\nstd::thread::id id;',
                     "a/q.hpp": '#include "a/p.hpp"\n'})
    assert names(tmp_path, "a") == []
