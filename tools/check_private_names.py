"""Checks that what is private to a source (an anonymous namespace, static) is the only one of its name in its module: most
builds compile several sources of a module as one (TENFOLD_UNITY), in which two of a name are an error. Which sources
those are changes with every file that comes or goes; the name does not. Functions may share one with other parameters.

Nor may it be a name that a header brings into the same namespace or one around it: seen by the other sources of the batch,
it hides the header's or overloads it, and what they call changes without a word.

Sources and unit tests are looked at apart, as they are compiled. Prints file:line: what to rename; exit 1 if anything is."""

import pathlib
import re
import sys
import typing

from cpp_text import OUR_INCLUDE, blanked

ROOT = pathlib.Path(__file__).resolve().parent.parent
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)
TOKEN = re.compile(r"[A-Za-z_~]\w*(?:::~?[A-Za-z_]\w*)*|\[\[|\]\]|->|[{};()=<>,&*:\[\]]|\n|\d[\w.']*")
IDENTIFIER = re.compile(r"[A-Za-z_]\w*$")
TYPES = ("class", "struct", "union", "enum")
TESTS = ("TEST", "TEST_F", "TEST_P")
# Statements that define nothing that could clash.
LEFT_OUT = ("using", "namespace", "friend", "static_assert", "extern", "INSTANTIATE_TEST_SUITE_P", "return")


def parameters(tokens):
    """The types of a function's parameters, their names and defaults left out, as one text."""
    depth, found, current = 0, [], []
    for token in tokens:
        if token == "," and depth == 0:
            found.append(current)
            current = []
            continue
        depth += {"<": 1, "(": 1, "{": 1, ">": -1, ")": -1, "}": -1}.get(token, 0)
        current.append(token)
    found.append(current)
    types = []
    for words in found:
        if "=" in words:
            words = words[:words.index("=")]
        words = [word for word in words if word != "const"]
        if len(words) > 1 and IDENTIFIER.match(words[-1]):
            words = words[:-1]
        types.append(" ".join(words))
    return ", ".join(types)


def defined(statement):
    """(name, parameters or None) of what a statement at namespace level defines or declares; None if it is no such thing."""
    words = list(statement)
    while words and words[0] in ("template", "[["):
        depth = 0
        end = "]]" if words[0] == "[[" else ">"
        begin = "[[" if words[0] == "[[" else "<"
        for index, word in enumerate(words):
            depth += (word == begin) - (word == end)
            if word == end and depth == 0:
                words = words[index + 1:]
                break
        else:
            return None
    if not words or words[0] in LEFT_OUT:
        return None
    if words[0] in TESTS:
        names = [word for word in words[1:] if IDENTIFIER.match(word)]
        return ("_".join(names[:2]) + "_Test", None) if len(names) >= 2 else None
    if words[0] in TYPES:
        names = [word for word in words if word not in TYPES and IDENTIFIER.match(word) and word not in ("final", "alignas")]
        return (names[0], None) if names else None
    equals = words.index("=") if "=" in words else len(words)
    opening = words.index("(") if "(" in words else len(words)
    if opening < equals:
        name = words[opening - 1] if opening else ""
        depth = 0
        for index in range(opening, len(words)):
            depth += (words[index] == "(") - (words[index] == ")")
            if depth == 0:
                return (name, parameters(words[opening + 1:index])) if IDENTIFIER.match(name) else None
        return None
    words = words[:min([index for index in (equals, words.index("[") if "[" in words else equals)])]
    names = [word for word in words if IDENTIFIER.match(word)]
    return (names[-1], None) if names and len(words) > 1 else None


def name_used(words):
    """The name that a using-declaration or an alias brings in; None if it is neither."""
    if words[:1] != ["using"] or words[1:2] == ["namespace"]:
        return None
    if "=" in words:
        return words[words.index("=") - 1] if words[2:3] == ["="] else None
    return words[1].rsplit("::", 1)[-1] if len(words) == 2 else None


class Name(typing.NamedTuple):
    space: str  # with "::" at its end where it is without a name
    name: str
    types: str | None  # of a function's parameters; of a using-declaration or an alias, all of it
    line: int
    private: bool
    defines: bool  # no: a using-declaration, an alias, a type that is declared only


def names(text):
    """What a file says at namespace level."""
    tokens, line = [], 1
    for match in TOKEN.finditer(DIRECTIVE.sub(lambda found: "\n" * found.group(0).count("\n"), blanked(text))):
        if match.group(0) == "\n":
            line += 1
        else:
            tokens.append((match.group(0), line))
    scopes, statement, begins, found = [], [], 0, []

    def note():
        if not statement or any(scope is None for scope in scopes):
            return
        private = "" in scopes or "static" in statement
        words = [word for word in statement if word not in ("static", "inline", "constexpr", "constinit", "const", "extern")]
        space = "::".join(scopes)
        used = name_used(words)
        if used:
            found.append(Name(space, used, " ".join(words), begins, private, False))
        what = defined(words)
        if what and what[0] != "operator":
            declared = closing == ";" and words[0] in TYPES
            found.append(Name(space, *what, begins, private, not declared))

    depth = 0
    for token, at in tokens:
        closing = token
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
        if token == "{" and depth == 0:
            if statement[:1] == ["namespace"] or statement[:2] == ["inline", "namespace"]:
                scopes.append(statement[-1] if statement[-1] != "namespace" else "")
            else:
                note()
                scopes.append(None)
            statement = []
        elif token == "}" and depth == 0:
            if scopes:
                scopes.pop()
            statement = []
        elif token == ";" and depth == 0:
            note()
            statement = []
        else:
            if not statement:
                begins = at
            statement.append(token)
    return found


def private_names(text):
    """[(namespace, name, parameters or None, line)] of what is private to a source."""
    return [(name.space, name.name, name.types, name.line) for name in names(text) if name.private and name.defines]


def clashes(files):
    """[(path, line, message)] among the {path: text} of one module's sources, or of its tests."""
    first, found = {}, []
    for path, text in files.items():
        for space, name, types, line in private_names(text):
            known = first.setdefault((space, name), [])
            for other_path, other_types, other_line in known:
                if other_path != path and (types is None or other_types is None or types == other_types):
                    found.append((path, line, f"{name} is private here and in {other_path}:{other_line} (rename one, or share it)"))
                    break
            known.append((path, types, line))
    return found


def hidden(files, headers):
    """[(path, line, message)] of what hides or overloads, for a batch of these {path: text}, a name of a header that one of
    them includes. What a source uses or gives another name is as private as what it defines."""
    public, found = {}, []
    for path, text in headers.items():
        for name in names(text):
            if not name.private:
                public.setdefault(name.name, []).append((path, name))
    for path, text in files.items():
        for name in names(text):
            used = not name.defines and name.types is not None
            if not name.private and not used:
                continue
            space = "::".join(part for part in name.space.split("::") if part)
            for other_path, other in public.get(name.name, []):
                around = f"{space}::".startswith(f"{other.space}::") or not other.space
                same = used and not other.defines and name.types == other.types
                if around and not same:
                    found.append((path, name.line, f"{name.name} hides or overloads that of {other_path}:{other.line} (rename it)"))
                    break
    return found


def included(sources, root):
    """{path: text} of the headers of ours that the sources include, or that those include."""
    found, waiting = {}, list(sources)
    while waiting:
        for name in OUR_INCLUDE.findall(waiting.pop().read_text(errors="replace")):
            path = root / "src" / name
            if str(path.relative_to(root)) not in found and path.is_file():
                found[str(path.relative_to(root))] = path.read_text(errors="replace")
                waiting.append(path)
    return found


def groups(root):
    """The sources that may be compiled as one: each module's, and each module's tests."""
    for folder in sorted(path for path in (root / "src").iterdir() if path.is_dir()):
        sources = [path for path in sorted(folder.rglob("*.cpp")) if not path.stem.endswith(("_fuzz", "_bench")) and path.name != "main.cpp"]
        yield [path for path in sources if not path.stem.endswith("_test")]
        yield [path for path in sources if path.stem.endswith("_test")]


def main():
    status = 0
    for group in groups(ROOT):
        files = {str(path.relative_to(ROOT)): path.read_text(errors="replace") for path in group}
        for path, line, words in clashes(files) + hidden(files, included(group, ROOT)):
            print(f"{path}:{line}: {words}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
