"""Tests of the check of private names: which would be an error when two sources are compiled as one."""

import check_private_names as check


def clash(one, two):
    return [(path, words.split()[0]) for path, _, words in check.clashes({"one.cpp": f"namespace a {{ namespace {{ {one} }} }}",
                                                                        "two.cpp": f"namespace a {{\nnamespace {{\n{two}\n}}\n}}"})]


def test_constants_types_and_functions_of_one_name_clash():
    assert clash("constexpr int most = 1;", "const std::string most{\"x\"};") == [("two.cpp", "most")]
    assert clash("struct Parts { int a; };", "enum class Parts { b };") == [("two.cpp", "Parts")]
    assert clash("int of(const A& one, int n = 3) { return n; }", "int of(const A& other, int) { return 1; }") == [("two.cpp", "of")]
    assert clash("int of() { return 1; }", "constexpr int of = 2;") == [("two.cpp", "of")]
    assert clash("template <class T> int of(T a) { return a; }", "template <class T>\nint of(T b) { return b; }") == [("two.cpp", "of")]
    assert clash("TEST(Load, Reads) {}", "TEST(Load, Reads) { }") == [("two.cpp", "Load_Reads_Test")]


def test_functions_with_other_parameters_share_a_name():
    assert clash("int of(int a) { return a; }", "int of(double a) { return a; }") == []
    assert clash("int of(const A& a) { return a; }", "int of(const A& a, B b) { return a; }") == []


def test_other_places_are_other_names():
    one, two = "namespace a { namespace { int x = 1; } }", "namespace a::b { namespace { int x = 1; } }"
    assert check.clashes({"one.cpp": one, "two.cpp": two}) == []
    inside = "void f() { int x = 1; if (x) { int y = 2; } }"
    assert clash(inside, "struct S { int x = 1; void y() {} };") == []


def test_what_everybody_sees_is_not_private():
    assert check.clashes({"one.cpp": "namespace a { int f() { return 1; } }", "two.cpp": "namespace a { int f() { return 1; } }"}) == []
    assert check.private_names("namespace a { static int f() { return 1; } void A::g() {} }") == [("a", "f", "", 1)]


def test_declarations_aliases_and_members_define_nothing():
    assert clash("namespace fs = std::filesystem; using B = C; struct D;", "namespace fs = std::filesystem; using B = C; struct D;") == []
    assert clash("void Type::call(int a) { a = 1; }", "void Type::call(int a) { a = 1; }") == []


def test_lines_are_told():
    (found,) = check.clashes({"one.cpp": "namespace {\n\nint x = 1; }", "two.cpp": "// one\nnamespace {\nint y = 1;\nint x = 2;\n}"})
    assert found[:2] == ("two.cpp", 4) and "one.cpp:3" in found[2]


def hiding(source, header):
    return [(path, line, words.split()[0]) for path, line, words in check.hidden({"one.cpp": source}, {"a.hpp": header})]


def test_a_private_name_may_not_be_one_of_a_header_whatever_its_parameters():
    header = "namespace a {\nint plan(int of);\nstruct Step { int at; };\nclass Later;\nextern const int most;\nusing Text = A;\n}"
    for private in ("int plan() { return 1; }", "int plan(double of) { return of; }", "constexpr int plan = 1;", "struct plan { };"):
        assert hiding(f"namespace a {{\nnamespace {{\n{private} }} }}", header) == [("one.cpp", 3, "plan")]
    for name, private in (("Step", "struct Step { };"), ("Later", "class Later { };"), ("most", "const int most = 1;"), ("Text", "struct Text { };")):
        assert hiding(f"namespace a {{ namespace {{ {private} }} }}", header) == [("one.cpp", 1, name)]
    assert hiding("namespace a { static int plan() { return 1; } }", header) == [("one.cpp", 1, "plan")]


def test_a_header_s_name_is_hidden_in_its_namespace_and_those_inside():
    inside = "namespace a::b { namespace { int plan() { return 1; } } }"
    assert hiding(inside, "namespace a { int plan(); }") == [("one.cpp", 1, "plan")]
    assert hiding(inside, "int plan();") == [("one.cpp", 1, "plan")]
    for elsewhere in ("namespace a::b::c { int plan(); }", "namespace a::bb { int plan(); }", "namespace b { int plan(); }"):
        assert hiding(inside, elsewhere) == []


def test_what_a_source_uses_hides_as_what_it_defines():
    header = "namespace a { double seconds(int of); using Text = B::Text; using std::move; }"
    assert hiding("namespace a { using std::chrono::seconds; }", header) == [("one.cpp", 1, "seconds")]
    assert hiding("namespace a { namespace { using seconds = int; } }", header) == [("one.cpp", 1, "seconds")]
    assert hiding("namespace a { using Text = C; }", header) == [("one.cpp", 1, "Text")]
    assert hiding("namespace a { using Text = B::Text; using std::move; using namespace seconds; }", header) == []


def test_what_a_header_promises_is_defined_by_a_source():
    header = "namespace a { int plan(); struct Step { int plan; void seconds(); static int most(); }; bool operator==(Step, Step); }"
    source = "namespace a { int plan() { return 1; } void Step::seconds() {} namespace { int seconds = 1; int most() { return 1; } } }"
    assert hiding(source, header) == []
    assert hiding("namespace a { namespace { bool operator==(A, A) { return true; } int sizes[plan] = {1}; } }", header) == []


def test_headers_are_those_that_the_batch_includes(tmp_path):
    (tmp_path / "src" / "m").mkdir(parents=True)
    for name, text in {"one.cpp": '#include "m/a.hpp"\n#include <m/d.hpp>', "a.hpp": '#include "m/b.hpp"', "b.hpp": '#include "m/a.hpp"', "c.hpp": ""}.items():
        (tmp_path / "src" / "m" / name).write_text(text)
    assert sorted(check.included([tmp_path / "src" / "m" / "one.cpp"], tmp_path)) == ["src/m/a.hpp", "src/m/b.hpp"]
