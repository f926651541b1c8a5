"""Checks that no two types of ours share a name in one namespace (the one definition rule): in one program the linker
keeps one of two such types' functions and says nothing. Anonymous namespaces and functions are private and left out.

Reads every class, struct, union and enum that is defined below src/; prints file:line: what is defined a second time;
exit 1 if anything is. A scanner and not -Wodr: that needs a build with link-time optimisation, this takes two seconds."""

import pathlib
import re
import sys

from cpp_text import blanked

ROOT = pathlib.Path(__file__).resolve().parent.parent
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)
# What cannot open a scope is passed over; "::" is one token, so that a name with its namespaces is one match.
TOKEN = re.compile(r"[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*|\[\[|\]\]|[{};:<>=(),]|\n|\d[\w.']*|[^\s]")
KEYWORDS = ("class", "struct", "union", "enum")
HIDDEN = object()  # a scope whose types nobody else sees: an anonymous namespace, a function's body


class Scanner:
    """One file's tokens, and the scopes that are open."""

    def __init__(self, text):
        directives_gone = DIRECTIVE.sub(lambda match: "\n" * match.group(0).count("\n"), blanked(text))
        self.tokens = []
        line = 1
        for match in TOKEN.finditer(directives_gone):
            if match.group(0) == "\n":
                line += 1
            else:
                self.tokens.append((match.group(0), line))
        self.scopes = []
        self.found = []

    def definitions(self):
        """[(name with its namespaces, line)] of the types that other files could define too."""
        place = 0
        while place < len(self.tokens):
            token, _ = self.tokens[place]
            if token == "namespace":
                place = self._namespace(place + 1)
            elif token in KEYWORDS:
                place = self._type(place + 1)
            else:
                if token == "{":
                    self.scopes.append(HIDDEN)
                elif token == "}" and self.scopes:
                    self.scopes.pop()
                place += 1
        return self.found

    def _token(self, place):
        return self.tokens[place][0] if place < len(self.tokens) else ""

    def _namespace(self, place):
        name = None
        while self._token(place) not in ("{", ";", "=", ""):
            if re.match(r"[A-Za-z_]", self._token(place)) and self._token(place) != "inline":
                name = self._token(place)
            place += 1
        if self._token(place) == "{":
            self.scopes.append(name or HIDDEN)
        return place + 1

    def _type(self, place):
        """After class, struct, union or enum: a definition opens a scope; all else is read on where it is."""
        if self._token(place) in ("class", "struct"):  # enum class
            place += 1
        while self._token(place) == "[[" or self._token(place) == "alignas":
            place = self._past(place, "]]" if self._token(place) == "[[" else ")")
        name, line = self.tokens[place] if place < len(self.tokens) else ("", 0)
        if name == "{":  # without a name: what is in it is seen by who sees the scope around it
            self.scopes.append(HIDDEN)
            return place + 1
        if not re.match(r"[A-Za-z_]", name):
            return place
        place += 1
        if self._token(place) == "<":  # a specialisation is told apart by its arguments
            end = self._past_angles(place)
            name += "".join(token for token, _ in self.tokens[place:end])
            place = end
        if self._token(place) == "final":
            place += 1
        if self._token(place) == ":":
            place = self._past_bases(place + 1)
        if self._token(place) != "{":
            return place
        if HIDDEN not in self.scopes:
            self.found.append(("::".join([*self.scopes, name]), line))
        self.scopes.append(name)
        return place + 1

    def _past(self, place, end):
        while self._token(place) not in (end, ""):
            place += 1
        return place + 1

    def _past_angles(self, place):
        depth = 0
        while place < len(self.tokens):
            depth += {"<": 1, ">": -1}.get(self._token(place), 0)
            place += 1
            if depth == 0:
                break
        return place

    def _past_bases(self, place):
        while self._token(place) not in ("{", ";", "(", ")", ""):
            place += 1
        return place


def second_definitions(files):
    """[(path, line, message)] for {path: text}: every definition of a name but its first, when the files differ."""
    first, found = {}, []
    for path, text in files.items():
        for name, line in Scanner(text).definitions():
            known = first.setdefault(name, (path, line))
            if known[0] != path:
                found.append((path, line, f"{name} is also defined in {known[0]}:{known[1]} (one name, one type: rename one)"))
    return found


def main():
    paths = [path for path in sorted((ROOT / "src").rglob("*")) if path.suffix in (".hpp", ".cpp")]
    found = second_definitions({str(path.relative_to(ROOT)): path.read_text(errors="replace") for path in paths})
    for path, line, words in found:
        print(f"{path}:{line}: {words}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
