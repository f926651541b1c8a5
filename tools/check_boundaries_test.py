"""Tests of the boundary check: what it must refuse, and what it must let through."""

from pathlib import PurePosixPath

import check_boundaries as check
import pytest

TABLE = check.read_table(
    """
# a comment
base         nothing of ours
net          base
http         net   # a comment behind a row
store        base
guard        http
guard/judge  base
guard/settings.hpp  base
config       base guard/settings.hpp
app          everything
"""
)


def complaints(path, *includes):
    text = "\n".join(f'#include "{name}"' for name in includes)
    return check.check_includes(TABLE, PurePosixPath(path), text)


def test_what_a_row_names_and_what_follows_from_it_may_be_included():
    assert complaints("http/server.cpp", "http/server.hpp", "net/loop.hpp", "base/result.hpp") == []


def test_a_module_that_the_row_does_not_name_may_not():
    (found,) = complaints("http/server.cpp", "http/server.hpp", "store/store.hpp")
    assert found[0] == 2
    assert found[1] == "http may not include store (it may include base, net)"


def test_the_lowest_module_includes_nothing_of_ours():
    (found,) = complaints("base/log.hpp", "net/loop.hpp")
    assert found[1] == "base may not include net (it may include nothing of ours)"


def test_a_folder_with_a_row_of_its_own_is_held_to_that_row():
    assert complaints("guard/admit/queue.cpp", "http/message.hpp") == []
    assert len(complaints("guard/judge/judge.cpp", "http/message.hpp")) == 1
    assert complaints("guard/judge/judge.cpp", "base/clock.hpp", "guard/judge/judge.hpp") == []
    assert len(complaints("guard/judge/judge.cpp", "guard/admit/queue.hpp")) == 1
    assert len(complaints("guard/admit/queue.cpp", "guard/judge/judge.hpp")) == 1


def test_a_header_with_a_row_of_its_own_is_held_to_that_row_and_may_be_included_by_whoever_names_it():
    assert complaints("config/guard_section.cpp", "guard/settings.hpp", "base/clock.hpp") == []
    assert len(complaints("config/guard_section.cpp", "guard/admit/queue.hpp")) == 1
    assert complaints("guard/settings.hpp", "base/clock.hpp") == []
    assert len(complaints("guard/settings.hpp", "http/message.hpp")) == 1
    assert complaints("guard/admit/queue.cpp", "guard/settings.hpp") == []
    assert len(complaints("store/store.cpp", "guard/settings.hpp")) == 1


def test_main_may_include_everything():
    assert complaints("app/main.cpp", "guard/judge/judge.hpp", "store/store.hpp") == []


def test_a_subfolder_of_a_module_has_the_modules_row():
    assert complaints("net/uring/loop.cpp", "base/result.hpp", "net/loop.hpp") == []
    assert len(complaints("net/uring/loop.cpp", "http/message.hpp")) == 1


def test_an_include_is_named_from_src():
    (found,) = complaints("net/loop.cpp", "loop.hpp")
    assert 'must be named from src/: "net/loop.hpp"' in found[1]


def test_a_module_without_a_row_and_a_library_in_quotes_are_refused():
    assert "has no row" in complaints("misc/x.cpp")[0][1]
    assert "no module of ours" in complaints("net/x.cpp", "openssl/ssl.h")[0][1]


def test_the_systems_includes_are_nobodys_business():
    assert check.check_includes(TABLE, PurePosixPath("base/x.cpp"), "#include <openssl/ssl.h>\n") == []


def test_a_file_of_600_lines_is_let_through_and_one_of_601_needs_a_reason():
    assert check.check_length("int x;\n" * 600) == []
    assert len(check.check_length("int x;\n" * 601)) == 1
    assert check.check_length("// Over 600 lines because the table is one thing.\n" + "int x;\n" * 600) == []
    assert len(check.check_length("int x;\n" * 600 + "// Over 600 lines because it is late.\n")) == 1


def test_a_table_that_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="two rows"):
        check.read_table("base nothing of ours\nbase nothing of ours\n")
    with pytest.raises(ValueError, match="no row for nets"):
        check.read_table("http nets\n")


def test_a_tree_is_checked_whole(tmp_path):
    module = tmp_path / "src" / "net"
    module.mkdir(parents=True)
    (module / "x.cpp").write_text('#include "http/message.hpp"\n')
    found = [words for _, _, words in check.check_tree(tmp_path, TABLE)]
    assert len(found) == 2
    assert found[0].startswith("net may not include http")
    assert found[1].startswith("every module has one")
    (module / "x.cpp").write_text("")
    (module / "README.md").write_text("The net.\n")
    assert check.check_tree(tmp_path, TABLE) == []


def test_the_projects_own_table_reads():
    table = check.read_table((check.ROOT / "tools" / "boundaries.txt").read_text())
    assert check.reachable(table, "edge") >= {"http", "origin", "cache", "guard", "net", "base"}
    assert not check.reachable(table, "edge") & {"oncall", "console", "store"}
