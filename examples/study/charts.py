"""The page's pictures as inline SVG: intervals around zero, curves of loss, a map of experts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corpusforge.report.html import colour_of, escape

STYLE = """\
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr)); gap: 18px; }
.panels svg, svg.wide { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg text.soft { fill: var(--soft); font-size: 11px; }
svg .axis { stroke: var(--soft); stroke-dasharray: 2 3; }
svg .whisker { stroke: var(--soft); stroke-width: 2; }
svg .clear { stroke: var(--ink); }
.up { color: #b3352d; } .down { color: #217a3d; }
@media (prefers-color-scheme: dark) { .up { color: #ff9a92; } .down { color: #7ed69b; } }
td.n small { display: inline; margin-left: 4px; }
td.first small { font-weight: 400; }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 9px; padding: 0 8px;
  font-size: 12.5px; white-space: nowrap; }
ul { margin: 0; padding-left: 18px; color: var(--soft); } li { margin: 4px 0; }
@media print { section { break-inside: avoid; } }
"""
_ROW, _LEFT, _WIDTH = 20, 112, 290
_CURVES = ("#4c78a8", "#e45756", "#f2a14a", "#7a5ea8", "#54a24b", "#9d755d", "#3fa7a0")


def intervals(title: str, rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return a panel of intervals, a row each, around a line at zero; its scale is its own."""
    reach = max(abs(one["mean"]) + one["half"] for one in rows.values()) or 1.0
    middle, unit = (_LEFT + _WIDTH) / 2, (_WIDTH - _LEFT) / 2 / reach
    height = 26 + _ROW * len(rows) + 16
    colour = colour_of(title)
    parts = [f'<text x="0" y="14" font-weight="600">{escape(title)}</text>']
    parts.append(f'<line class="axis" x1="{middle}" x2="{middle}" y1="22" y2="{height - 16}"/>')
    for place, (name, one) in enumerate(rows.items()):
        y = 26 + _ROW * place + _ROW / 2
        left, right = (middle + unit * (one["mean"] + sign * one["half"]) for sign in (-1, 1))
        clear = " clear" if abs(one["mean"]) > one["half"] else ""
        parts.append(f'<text class="soft" x="0" y="{y + 4:.1f}">{escape(name)}</text>')
        parts.append(
            f'<line class="whisker{clear}" x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<circle cx="{middle + unit * one["mean"]:.1f}" cy="{y:.1f}" r="4" fill="{colour}">'
            f"<title>{escape(name)}: {one['mean']:+.3f} ± {one['half']:.3f}</title></circle>"
        )
    for x, anchor, value in ((_LEFT, "start", -reach), (middle, "middle", 0.0), (_WIDTH, "end", reach)):
        label = "0" if not value else f"{value:+.2f}"
        parts.append(f'<text class="soft" x="{x}" y="{height - 3}" text-anchor="{anchor}">{label}</text>')
    return _svg(_WIDTH + 6, height, f"Change against the whole mixture: {title}", parts)


def curves(losses: Mapping[str, Sequence[float]]) -> str:
    """Return curves of training loss, a line for each arm, with its name at the end."""
    width, height, right = 760, 250, 150
    top = max(max(one) for one in losses.values())
    low = min(min(one) for one in losses.values())
    scale = (height - 40) / ((top - low) or 1.0)
    parts = [
        f'<text class="soft" x="0" y="14">{top:.2f}</text>',
        f'<text class="soft" x="0" y="{height - 26}">{low:.2f}</text>',
        f'<text class="soft" x="{(width - right) / 2}" y="{height - 4}">tokens read</text>',
    ]
    ends = sorted(losses, key=lambda arm: -losses[arm][-1])
    for place, (arm, values) in enumerate(losses.items()):
        step = (width - right - 40) / max(1, len(values) - 1)
        points = " ".join(
            f"{36 + n * step:.1f},{10 + (top - one) * scale:.1f}" for n, one in enumerate(values)
        )
        colour = _CURVES[place % len(_CURVES)]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        y = height - 40 - 15 * (len(losses) - 1 - ends.index(arm))
        label = f"{escape(arm)} {values[-1]:.2f}"
        parts.append(f'<circle cx="{width - right + 8}" cy="{y - 4}" r="4" fill="{colour}"/>')
        parts.append(f'<text class="soft" x="{width - right + 18}" y="{y}">{label}</text>')
    return _svg(width, height, "Training loss by arm", parts, "wide")


def expert_map(names: Sequence[str], layers: Sequence[Sequence[Sequence[float]]]) -> str:
    """Return shares of experts as squares: a row for each domain, a block of columns for each layer."""
    cell, left = 30, 112
    n_experts = len(layers[0][0])
    block = n_experts * cell + 14
    largest = max(share for layer in layers for row in layer for share in row)
    parts: list[str] = []
    for number, layer in enumerate(layers):
        at = left + number * block
        parts.append(f'<text class="soft" x="{at}" y="12">layer {number + 1}</text>')
        for row, shares in enumerate(layer):
            for expert, share in enumerate(shares):
                x, y = at + expert * cell, 20 + row * cell
                parts.append(
                    f'<rect x="{x}" y="{y}" width="{cell - 2}" height="{cell - 2}" rx="3" fill="{colour_of(names[row])}"'
                    f' fill-opacity="{0.06 + 0.94 * share / largest:.3f}"><title>{escape(names[row])}, layer '
                    f"{number + 1}, expert {expert}: {share:.1%}</title></rect>"
                )
    for row, name in enumerate(names):
        parts.append(f'<text class="soft" x="0" y="{20 + row * cell + 19}">{escape(name)}</text>')
    width = left + block * len(layers)
    picture = _svg(width, 24 + cell * len(names), "Share of each expert by domain", parts, "wide")
    return f'<div class="scroll"><div style="min-width: {min(width, 640)}px; max-width: {width}px">{picture}</div></div>'


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, first: str = "first") -> str:
    """Return a table that scrolls by itself on a narrow page; all but the first column are figures."""
    head = "".join(
        f'<th{"" if not n else " class=n"} scope="col">{name}</th>' for n, name in enumerate(columns)
    )
    body = "".join(
        "<tr>"
        + "".join(f'<td class="{"n" if n else first}">{cell}</td>' for n, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _svg(width: float, height: float, label: str, parts: Sequence[Any], kind: str = "") -> str:
    head = f'<svg class="{kind}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}">'
    return head + "".join(parts) + "</svg>"
