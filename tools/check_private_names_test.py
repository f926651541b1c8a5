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
