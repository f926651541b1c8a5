"""Plots as SVG, with no library: dots with their intervals, a line for each row of the table. Pure."""

import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, LINE, GAP = 900, 170, 24, 76, 15, 12
# Told apart also without colours: each has a mark of its own.
COLOURS = ["#5f6b7a", "#0072b2", "#56b4e9", "#d55e00", "#cc79a7", "#e69f00", "#999999", "#7a5195", "#009e73", "#004d40", "#b22222",
           "#222222"]
MARKS = ["circle", "square", "diamond", "triangle"]


class Share:
    """From 0 to 100 %."""
    ticks = [0, 0.25, 0.5, 0.75, 0.98, 1]

    def place(self, value):
        return value

    def words(self, value):
        return f"{value:.0%}"


class Milliseconds:
    """Logarithmic from 10 ms to 60 s."""
    low, high = 10, 60_000
    ticks = [10, 100, 1000, 10_000, 60_000]

    def place(self, value):
        inside = min(max(value, self.low), self.high)
        return math.log(inside / self.low) / math.log(self.high / self.low)

    def words(self, value):
        return f"{value / 1000:g} s" if value >= 1000 else f"{value:g} ms"


def mark(kind, x, y, colour):
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    corners = {"square": [(-3.6, -3.6), (3.6, -3.6), (3.6, 3.6), (-3.6, 3.6)], "diamond": [(0, -5), (5, 0), (0, 5), (-5, 0)],
               "triangle": [(0, -5), (4.6, 4), (-4.6, 4)]}[kind]
    return f'<polygon points="{" ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)}" fill="{colour}"/>'


def style_of(names, name):
    place = names.index(name)
    return COLOURS[place % len(COLOURS)], MARKS[place % len(MARKS)]


def dots(table, names, title, scale):
    """`table`: {row: {name: (median, low, high) or None}}; `names` in order. One band for each row, one line in it for each
    name."""
    present = [name for name in names if any(name in row for row in table.values())]
    x_of = lambda value: LEFT + scale.place(value) * (WIDTH - LEFT - RIGHT)  # noqa: E731
    parts, y = [], TOP
    for row, values in table.items():
        here = [name for name in present if values.get(name)]
        height = LINE * max(len(here), 1) + GAP
        parts.append(f'<text x="{LEFT - 12}" y="{y + height / 2 + 4:.0f}" text-anchor="end">{escape(row)}</text>')
        for place, name in enumerate(here):
            median, low, high = values[name]
            colour, kind = style_of(names, name)
            at = y + GAP / 2 + LINE * (place + 0.5)
            parts.append(f'<line x1="{x_of(low):.1f}" x2="{x_of(high):.1f}" y1="{at:.1f}" y2="{at:.1f}" stroke="{colour}" '
                         'stroke-width="2"/>')
            parts.append(mark(kind, x_of(median), at, colour))
        y += height
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#ddd"/>')
    return frame(parts, names, present, title, scale, x_of, y)


def frame(parts, names, present, title, scale, x_of, bottom):
    head = [f'<text x="{LEFT}" y="20" font-size="15" font-weight="bold">{escape(title)}</text>']
    x = LEFT
    for name in present:
        colour, kind = style_of(names, name)
        head.append(mark(kind, x, 38, colour) + f'<text x="{x + 9}" y="42">{escape(name)}</text>')
        x += 24 + 7 * len(name)
    for tick in scale.ticks:
        head.append(f'<line x1="{x_of(tick):.1f}" x2="{x_of(tick):.1f}" y1="{TOP}" y2="{bottom}" stroke="#ccc"/>'
                    f'<text x="{x_of(tick):.1f}" y="{TOP - 8}" text-anchor="middle" fill="#555">{escape(scale.words(tick))}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 12}" font-family="sans-serif" font-size="12" '
            f'role="img" aria-label="{escape(title)}"><rect width="100%" height="100%" fill="#fff"/>'
            + "\n".join(head + parts) + "</svg>\n")
