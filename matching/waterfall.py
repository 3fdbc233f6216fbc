"""An explanation as a picture (SVG 1.1): from the prior, field by field, to the probability. For paper and screen.

Values come from outside and are text here, never markup. What speaks against a match is hatched as well as red, so that
it shows on a black-and-white print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matching.calibration import Calibration, told
from matching.picture_text import escaped, lines_of

_WIDTH, _MARGIN, _BARS, _BARS_END = 760, 16, 428, 744  # pixels, of which 794 are the width of A4
_COLUMNS = ((16, 124), (150, 134), (292, 126))  # field and level, record, reference: where each begins, its width
_LINE, _PADDING, _BAR, _HEAD = 18, 8, 18, 104
_LABEL = 62  # pixels that a number of bits takes
_MOST_LINES = 4  # of a value
_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_INK, _FAINT, _FOR, _AGAINST, _WHOLE = "#1a1a1a", "#4d4d4d", "#0b5394", "#a61c00", "#595959"
_FONTS = "'Noto Sans', 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
_HATCHING = f"""<defs>
<pattern id="against" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="6" height="6" fill="{_AGAINST}"/><rect width="2" height="6" fill="#ffffff"/>
</pattern></defs>"""
_LEAD = "A hit is a lead, not a ground for action: verify it first."

_Cells = tuple[Sequence[str], Sequence[str], Sequence[str]]  # the lines of each


@dataclass(frozen=True, slots=True)
class _Row:
    cells: _Cells
    begin: int  # milli-bits
    end: int
    fill: str

    @property
    def height(self) -> int:
        return max(len(lines) for lines in self.cells) * _LINE + 2 * _PADDING


@dataclass(frozen=True, slots=True)
class _Scale:
    least: float
    most: float

    def at(self, mbits: float) -> float:
        return round(_BARS + (mbits - self.least) / (self.most - self.least) * (_BARS_END - _BARS), 1)


def picture(explanation: Mapping[str, Any], *, title: str, sides: tuple[str, str]) -> str:
    """`sides` name the two records."""
    rows = list(_rows(explanation))
    ends = [0, *(mbits for row in rows for mbits in (row.begin, row.end))]
    room = max(1000, max(ends) - min(ends)) * _LABEL / (_BARS_END - _BARS - 2 * _LABEL)
    scale = _Scale(min(ends) - room, max(ends) + room)
    bottom = _HEAD + sum(row.height for row in rows)
    foot = list(_foot(explanation))
    height = bottom + len(foot) * _LINE + 2 * _MARGIN
    heads = (_heading(title), _column_heads(sides), _axis(scale, bottom))
    body = (*heads, *_bodies(rows, scale), *_texts(_MARGIN, bottom + _LINE + 8, foot))
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"',
            f'viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="title desc"',
            f'font-family="{_FONTS}" font-size="13" fill="{_INK}">',
            f'<title id="title">{escaped(title)}</title>',
            f'<desc id="desc">{escaped(_described(explanation))}</desc>',
            _HATCHING,
            f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
            *body,
            "</svg>\n",
        )
    )


def _rows(explanation: Mapping[str, Any]) -> Iterator[_Row]:
    total = explanation["prior_mbits"]
    yield _Row((("prior",), (), ()), 0, total, _WHOLE)
    for entry in explanation["fields"]:
        weight = entry["weight_mbits"]
        fill = _FOR if weight >= 0 else "url(#against)"
        yield _Row(_cells(entry), total, total + weight, fill)
        total += weight
    yield _Row((("total",), (), ()), 0, total, _WHOLE)
    if explanation.get("calibration"):
        calibrated = Calibration(**explanation["calibration"]).of(total)
        yield _Row((("calibrated",), (), ()), 0, calibrated, _WHOLE)


def _cells(entry: Mapping[str, Any]) -> _Cells:
    (_, width), (_, left), (_, right) = _COLUMNS
    name = (entry["field"], *lines_of(entry["level"], width, 2), f"{entry['m']:.2g} / {entry['u']:.2g}")
    return name, _value(entry["left"], left), _value(entry["right"], right)


def _value(side: Mapping[str, Any], width: int) -> Sequence[str]:
    """As the source wrote it, then as it was compared."""
    raw, normalised = side["raw"], str(side["normalised"])
    if raw is None or raw == normalised:
        return lines_of(normalised, width, _MOST_LINES)
    return (*lines_of(raw, width, _MOST_LINES), *lines_of(f"→ {normalised}", width, _MOST_LINES))


def _heading(title: str) -> str:
    line = lines_of(title, 560, 1)[0]
    return f'<text x="{_MARGIN}" y="34" font-size="18" font-weight="bold">{escaped(line)}</text>'


def _column_heads(sides: tuple[str, str]) -> str:
    drawn = (
        f'<text x="{x}" y="84" font-weight="bold">{escaped(lines_of(text, width, 1)[0])}</text>'
        for text, (x, width) in zip(("field, m / u", *sides), _COLUMNS, strict=True)
    )
    return "\n".join((*drawn, f'<text x="{_BARS}" y="60" font-weight="bold">evidence in bits, added up</text>'))


def _axis(scale: _Scale, bottom: int) -> str:
    tick = next((it for it in _TICKS if (scale.most - scale.least) / 1000 / it <= 7), _TICKS[-1])
    parts = [f'<line x1="{_MARGIN}" y1="92" x2="{_BARS_END}" y2="92" stroke="{_INK}"/>']
    for bits in range(int(scale.least / 1000) // tick * tick, int(scale.most / 1000) + 1, tick):
        x = scale.at(bits * 1000)
        if x >= _BARS:
            stroke, width = (_INK, 2) if bits == 0 else ("#bfbfbf", 1)
            parts.append(f'<line x1="{x}" y1="92" x2="{x}" y2="{bottom}" stroke="{stroke}" stroke-width="{width}"/>')
            parts.append(f'<text x="{x}" y="84" text-anchor="middle">{_signed(bits)}</text>')
    return "\n".join(parts)


def _signed(bits: int) -> str:
    return f"{bits:+d}" if bits else "0"


def _bodies(rows: Sequence[_Row], scale: _Scale) -> Iterator[str]:
    top = _HEAD
    for at, row in enumerate(rows):
        for (x, _), lines in zip(_COLUMNS, row.cells, strict=True):
            yield from _texts(x, top + _PADDING + 13, lines, bold_first=x == _MARGIN)
        yield _bar(row, scale, top)
        after = rows[at + 1] if at + 1 < len(rows) else None
        if after is not None and after.begin == row.end:
            end, begin = scale.at(row.end), top + _PADDING + _BAR
            yield f'<line x1="{end}" y1="{begin}" x2="{end}" y2="{top + row.height + _PADDING}" stroke="{_FAINT}"/>'
        top += row.height
        yield f'<line x1="{_MARGIN}" y1="{top}" x2="{_BARS_END}" y2="{top}" stroke="#d9d9d9"/>'


def _bar(row: _Row, scale: _Scale, top: int) -> str:
    left, right = sorted((scale.at(row.begin), scale.at(row.end)))
    y, width = top + _PADDING, max(1.0, round(right - left, 1))
    x, anchor = (right + 5, "start") if row.end >= row.begin else (left - 5, "end")
    bits = (row.end - row.begin) / 1000
    return (
        f'<rect x="{left}" y="{y}" width="{width}" height="{_BAR}" fill="{row.fill}" stroke="{_stroke(row)}"/>'
        f'<text x="{round(x, 1)}" y="{y + 14}" text-anchor="{anchor}" stroke="#ffffff" stroke-width="3" '
        f'paint-order="stroke" font-weight="bold">{bits:+.2f}</text>'
    )


def _stroke(row: _Row) -> str:
    return _AGAINST if row.fill.startswith("url") else row.fill


def _texts(x: int, y: int, lines: Sequence[str], *, bold_first: bool = False) -> Iterator[str]:
    for at, line in enumerate(lines):
        weight = ' font-weight="bold"' if bold_first and at == 0 else ""
        yield f'<text x="{x}" y="{y + at * _LINE}"{weight}>{escaped(line)}</text>'


def _foot(explanation: Mapping[str, Any]) -> Iterator[str]:
    texts = [f"Probability {_probability(explanation['posterior'])}. Found by {', '.join(explanation['keys'])}."]
    if explanation.get("calibration"):
        texts.append(f"Calibrated: {told(explanation['calibration'])}.")
    if explanation["against"]:
        texts.append(f"Against (hatched): {', '.join(explanation['against'])}.")
    if explanation["runner_up"]:
        other = _probability(explanation["runner_up"]["probability"])
        texts.append(f"The likeliest other candidate has probability {other}.")
    texts.append("Versions: " + ", ".join(f"{name} {it}" for name, it in explanation["versions"].items()) + ".")
    for text in (*texts, "m, u: how often matches, and pairs drawn at random, reach the level.", _LEAD):
        yield from lines_of(text, _BARS_END - _MARGIN, _MOST_LINES)


def _described(explanation: Mapping[str, Any]) -> str:
    parts = [f"prior {explanation['prior_mbits'] / 1000:+.2f} bits"]
    parts += [
        f"{entry['field']} {entry['level']} {entry['weight_mbits'] / 1000:+.2f}" for entry in explanation["fields"]
    ]
    return f"{', '.join(parts)}; probability {_probability(explanation['posterior'])}. {_LEAD}"


def _probability(value: float) -> str:
    return f"{value:.6f}" if value <= 0.999999 else "above 0.999999"  # nothing is certain
