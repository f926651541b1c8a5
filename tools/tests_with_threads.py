"""Prints, for a module's folder, the unit tests that can meet a second thread: those for ThreadSanitizer.

A test can when one of the files that it includes, directly or not, or the source beside such a header, starts threads.
What computes on one thread has nothing for ThreadSanitizer to find, and takes it most of its time. Used by the build
(cmake/TenfoldModule.cmake, preset tsan) and by run_tests.py.

  tests_with_threads.py FOLDER     one path a line, relative to FOLDER
"""

import functools
import pathlib
import re
import sys

from cpp_text import OUR_INCLUDE

THREADS = re.compile(r"\bstd::(jthread|thread|async)\b(?!::)")


@functools.cache
def _includes(file):
    return OUR_INCLUDE.findall(file.read_text(errors="replace"))


@functools.cache
def _starts_threads(file):
    return bool(THREADS.search(file.read_text(errors="replace")))


def _reach(test, source_root):
    """The test, what it includes of the tree, and the sources beside those headers, with what they include."""
    seen, todo = set(), [test]
    while todo:
        file = todo.pop()
        if file in seen or not file.exists():
            continue
        seen.add(file)
        todo += [source_root / name for name in _includes(file)]
        if file.suffix == ".hpp":
            todo.append(file.with_suffix(".cpp"))
    return seen


def tests_with_threads(folder, source_root):
    """Sorted; with what those tests share in sources that are named as tests too."""
    wanted = set()
    for test in folder.rglob("*_test.cpp"):
        reached = _reach(test, source_root)
        if any(map(_starts_threads, reached)):
            wanted |= {file for file in reached if file.name.endswith("_test.cpp") and folder in file.parents}
    return sorted(wanted)


if __name__ == "__main__":
    wanted = pathlib.Path(sys.argv[1]).resolve()
    src = pathlib.Path(__file__).resolve().parent.parent / "src"
    for path in tests_with_threads(wanted, src):
        print(path.relative_to(wanted))
