"""Seconds over rows as an SVG: both axes logarithmic, for light pages and for dark ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 110, 30, 60

#: Of each engine in turn: its class, its dashes and its sign, so that no colour is needed.
STYLES = (("one", "", "circle"), ("two", "7 4", "square"))

CSS = """
text { font: 14px system-ui, sans-serif; fill: #1c2733 }
.grid { stroke: #c9d1d9; stroke-width: 1 }
.one { stroke: #0b5cad; fill: #0b5cad }
.two { stroke: #a3470b; fill: #a3470b }
polyline { fill: none !important; stroke-width: 2.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .grid { stroke: #3d4752 }
  .one { stroke: #6cb6ff; fill: #6cb6ff }
  .two { stroke: #f0a35e; fill: #f0a35e }
}
.one.name, .two.name { stroke: none; font-weight: 600 }
"""


def drawn(points: Mapping[str, Sequence[tuple[int, float]]], when: str) -> str:
    """The drawing; ``points`` are (rows, seconds) of each engine."""
    told = {name: some for name, some in points.items() if some}
    rows = [row for some in told.values() for row, _ in some]
    seconds = [each for some in told.values() for _, each in some]
    across = _scale(rows, LEFT, WIDTH - RIGHT)
    up = _scale(seconds, HEIGHT - BOTTOM, TOP)
    described = "; ".join(
        f"{name}: " + ", ".join(f"{row:,} rows in {each:.1f} s" for row, each in some)
        for name, some in told.items()
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        'role="img" aria-labelledby="title desc">',
        '<title id="title">Seconds to judge observations in Parquet, over rows</title>',
        f'<desc id="desc">Both axes are logarithmic. {escape(described)}. {when}.</desc>',
        f"<style>{CSS}</style>",
        *_grid(rows, seconds, across, up),
    ]
    for (name, some), (style, dashes, sign) in zip(told.items(), STYLES, strict=False):
        places = [(across(row), up(each)) for row, each in some]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dash = f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(f'<polyline class="{style}" points="{line}"{dash}/>')
        parts += [_sign(sign, style, x, y) for x, y in places]
        x, y = places[-1]
        parts.append(f'<text class="{style} name" x="{x + 12:.1f}" y="{y + 5:.1f}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _scale(values: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    low, high = _decades(values)
    return lambda value: start + (math.log10(value) - low) / (high - low) * (end - start)


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _grid(
    rows: Sequence[float],
    seconds: Sequence[float],
    across: Callable[[float], float],
    up: Callable[[float], float],
) -> Iterator[str]:
    """A line and its number at each power of ten."""
    low, high = _decades(rows)
    for x, power in ((across(10.0**power), power) for power in range(low, high + 1)):
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        number = f"{10 ** (power - 6):,} M" if power >= 6 else f"{10**power:,}"
        below = HEIGHT - BOTTOM + 20
        yield f'<text x="{x:.1f}" y="{below}" text-anchor="middle">{number}</text>'
    low, high = _decades(seconds)
    for y, power in ((up(10.0**power), power) for power in range(low, high + 1)):
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 5:.1f}" text-anchor="end">{10.0**power:g} s</text>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">rows</text>'


def _sign(sign: str, style: str, x: float, y: float) -> str:
    if sign == "circle":
        return f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'
    return f'<rect class="{style}" x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9"/>'
