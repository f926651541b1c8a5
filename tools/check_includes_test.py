"""Tests of the include check: what it must ask for, and what it must leave alone."""

import check_includes as check


def missing(tmp_path, files, name):
    source = tmp_path / "src"
    for path, text in files.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_text(text)
    return [found[2] for found in check.missing(check.Tree(tmp_path), source / name)]


def test_a_header_names_the_header_of_each_name(tmp_path):
    files = {"a/a.hpp": "#pragma once\n#include <string>\nstd::uint8_t a(std::string);\n"}
    assert missing(tmp_path, files, "a/a.hpp") == ["cstdint"]


def test_a_header_does_not_live_on_what_another_of_ours_includes(tmp_path):
    files = {"a/a.hpp": "#include <cstdint>\n", "a/b.hpp": '#include "a/a.hpp"\nstd::uint64_t b();\n'}
    assert missing(tmp_path, files, "a/b.hpp") == ["cstdint"]


def test_a_source_may_get_it_from_headers_of_ours(tmp_path):
    files = {"a/a.hpp": "#include <cstdint>\n", "a/b.hpp": '#include "a/a.hpp"\n',
             "a/b.cpp": '#include "a/b.hpp"\nstd::uint64_t b() { return std::min(1, 2); }\n'}
    assert missing(tmp_path, files, "a/b.cpp") == ["algorithm"]


def test_comments_and_what_is_quoted_use_nothing(tmp_path):
    text = '// std::vector\n/* std::map\n*/ const char* a = "std::string \\" std::set"; const char* b = R"(std::list)"; char c = \'"\';\n'
    assert missing(tmp_path, {"a/a.hpp": text}, "a/a.hpp") == []


def test_an_include_in_a_comment_lends_nothing(tmp_path):
    assert missing(tmp_path, {"a/a.hpp": "// #include <vector>\nstd::vector<int> a;\n"}, "a/a.hpp") == ["vector"]


def test_one_of_several_headers_will_do(tmp_path):
    assert missing(tmp_path, {"a/a.hpp": "#include <vector>\nstd::size_t a; using std::erase_if;\n"}, "a/a.hpp") == []
    assert missing(tmp_path, {"a/a.hpp": "std::size_t a;\n"}, "a/a.hpp") == ["cstddef"]


def test_what_is_below_a_name_counts_for_the_name(tmp_path):
    assert missing(tmp_path, {"a/a.hpp": "std::chrono::seconds a; std::ranges::sort b;\n"}, "a/a.hpp") == ["chrono", "algorithm"]


def test_lines_are_told(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.hpp").write_text("#pragma once\n\n/* two\nlines */\nstd::string a;\n")
    (found,) = check.missing(check.Tree(tmp_path), tmp_path / "src" / "a.hpp")
    assert found == (5, "std::string", "string")


def test_mending_keeps_the_order():
    text = '#pragma once\n\n#include <fmt/format.h>\n\n#include <array>\n#include <string>\n\n#include "a.hpp"\n'
    assert check.with_includes(text, ["cstdint"]) == text.replace("#include <string>", "#include <cstdint>\n#include <string>")
    assert check.with_includes(text, ["algorithm"]) == text.replace("#include <array>", "#include <algorithm>\n#include <array>")
    assert check.with_includes("#pragma once\n\nint a;\n", ["vector"]) == "#pragma once\n\n#include <vector>\n\nint a;\n"
