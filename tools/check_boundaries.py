"""Checks the house rules that a compiler does not: who includes whom, how long a file is, and that modules explain
themselves. The rules about includes are in boundaries.txt. Prints file:line: what is wrong; exit 1 if anything is."""

import pathlib
import re
import sys

from cpp_text import OUR_INCLUDE

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_LINES = 600
# A longer file gives its reason in its first comment, in these words: "Over 600 lines because ...".
REASON = re.compile(r"over 600 lines", re.I)
EVERYTHING = "everything"


def read_table(text):
    """{module: set of the modules its row names, or EVERYTHING}."""
    table = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        module, _, words = line.partition(" ")
        words = words.strip()
        if module in table:
            raise ValueError(f"line {number}: {module} has two rows")
        if words == EVERYTHING:
            table[module] = EVERYTHING
        else:
            table[module] = set() if words == "nothing of ours" else set(words.split())
    for module, allowed in table.items():
        unknown = set() if allowed == EVERYTHING else allowed - set(table)
        if unknown:
            raise ValueError(f"row {module}: no row for {', '.join(sorted(unknown))}")
    return table


def reachable(table, module):
    """Every module that may be included from `module`: what its row names and what follows from that."""
    if table[module] == EVERYTHING:
        return set(table)
    seen, waiting = set(), list(table[module])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(set(table) if table[name] == EVERYTHING else table[name])
    return seen


def row_of(table, path):
    """The most particular row for a path below src/: guard/judge/x.hpp has the row guard/judge, unless it has one itself."""
    return str(path) if str(path) in table else folder_row(table, path)


def folder_row(table, path):
    parts = path.parts[:-1]
    for length in range(len(parts), 0, -1):
        name = "/".join(parts[:length])
        if name in table:
            return name
    return None


def check_includes(table, path, text):
    """Complaints about one file; `path` is relative to src/."""
    row = row_of(table, path)
    if row is None:
        return [(1, f"{path.parts[0]} has no row in tools/boundaries.txt")]
    allowed = reachable(table, row)
    complaints = []
    for number, line in enumerate(text.splitlines(), 1):
        match = OUR_INCLUDE.match(line)
        if not match:
            continue
        target = pathlib.PurePosixPath(match.group(1))
        if len(target.parts) < 2:
            complaints.append((number, f'"{target}" must be named from src/: "{row}/{target}"'))
            continue
        target_row = folder_row(table, target)
        if target_row is None:
            complaints.append((number, f"no module of ours is named {target.parts[0]} (a library? then <{target}>)"))
        elif not {target_row, str(target)} & (allowed | {row}):
            words = ", ".join(sorted(allowed)) or "nothing of ours"
            complaints.append((number, f"{row} may not include {target_row} (it may include {words})"))
    return complaints


def check_length(text):
    lines = text.splitlines()
    if len(lines) <= MAX_LINES:
        return []
    first_comment = []
    for line in lines:
        if line.strip() and not line.lstrip().startswith(("//", "/*", "*", "#")):
            break
        first_comment.append(line)
    if REASON.search("\n".join(first_comment)):
        return []
    return [(1, f"{len(lines)} lines; past {MAX_LINES} the first comment must say why (\"Over 600 lines because ...\")")]


def check_tree(root, table):
    """[(path, line, message)] for everything below root."""
    found = []
    source = root / "src"
    files = [path for path in sorted(source.rglob("*")) if path.suffix in (".hpp", ".cpp", ".h", ".c")]
    for path in files:
        text = path.read_text(errors="replace")
        relative = path.relative_to(source)
        found += [(path, number, words) for number, words in check_includes(table, relative, text) + check_length(text)]
    for path in sorted(root.glob("tools/*")) + sorted(root.glob("tests/**/*.py")) + sorted(root.glob("bench/**/*.py")):
        if path.is_file() and path.suffix in (".py", ".sh"):
            found += [(path, number, words) for number, words in check_length(path.read_text(errors="replace"))]
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        if not (folder / "README.md").is_file():
            found.append((folder / "README.md", 1, "every module has one: what it is, what it may include, its main types"))
    return found


def main():
    table = read_table((ROOT / "tools" / "boundaries.txt").read_text())
    found = check_tree(ROOT, table)
    for path, number, words in found:
        print(f"{path.relative_to(ROOT)}:{number}: {words}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
