"""Tests of the check of the one definition rule: which types are the same name, and which are not."""

import check_odr as check


def names(text):
    return [name for name, _ in check.Scanner(text).definitions()]


def test_two_types_of_one_name_in_one_namespace_are_found():
    files = {"a/one.hpp": "namespace tenfold::a {\nstruct Walk { int x; };\n}", "a/two.cpp": "namespace tenfold::a {\n\nclass Walk final : public B {};\n}"}
    assert check.second_definitions(files) == [
        ("a/two.cpp", 3, "tenfold::a::Walk is also defined in a/one.hpp:2 (one name, one type: rename one)")]


def test_other_namespaces_classes_and_kinds_are_other_names():
    assert names("namespace a { struct X {}; namespace b { enum class X : int { one }; } struct Y { struct X { int y{}; }; }; union Z {}; }") == [
        "a::X", "a::b::X", "a::Y", "a::Y::X", "a::Z"]


def test_what_nobody_else_sees_is_left_out():
    assert names("namespace a { namespace { struct X {}; } void f() { struct Y {}; if (true) { class Z {}; } } }") == []
    assert names("namespace a { struct { struct X {}; } hidden; struct Y {}; }") == ["a::Y"]


def test_declarations_and_uses_define_nothing():
    text = "class A; enum class B : int; template <class T, class U> void f(struct C* c); struct stat s = {}; struct tm t{}; friend class D; enum E f() { return {}; }"
    assert names(text) == []


def test_templates_and_their_specialisations():
    assert names("template <class T> struct A {}; template <> struct A<int> {}; template <> struct A<b::C<int>> {};") == [
        "A", "A<int>", "A<b::C<int>>"]


def test_attributes_and_directives_are_passed_over():
    assert names("#define X struct Y {\nstruct [[nodiscard]] A { }; class alignas(64) B : public C<D> { };\nstruct Z::In {};") == ["A", "B", "Z::In"]


def test_functions_and_initialisers_do_not_lose_the_place():
    text = "namespace a { int f() { return A{1}.b + B{{2}, {3}}.c; } auto g = [] { return '{'; }; const char* h = \"}\"; struct X { X() : y{1} {} int y; }; struct Z {}; }"
    assert names(text) == ["a::X", "a::Z"]
