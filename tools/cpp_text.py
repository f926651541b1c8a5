"""C++ as the checks of this folder need it: without comments and without what stands in quotes, line for line."""

import re

# A line that includes a file of ours, by its path below src.
OUR_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)

_SKIPPED = re.compile(
    r'(?P<include>^[ \t]*#[ \t]*include[^\n]*)'
    r'|//(?:\\\n|[^\n])*'
    r'|/\*.*?\*/'
    r'|\b(?:u8|[uUL])?R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f_])'(?:\\.|[^'\\\n])+'",
    re.S | re.M)


def blanked(text):
    """The text with comments gone and each literal an empty one; lines keep their numbers, includes their names."""
    def replacement(match):
        if match.group("include"):
            return match.group("include")
        found = match.group(0)
        lines = "\n" * found.count("\n")
        return lines if found.startswith("/") else ('""' if found[-1] == '"' else "0") + lines
    return _SKIPPED.sub(replacement, text)
