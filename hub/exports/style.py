"""The style sheet of the exported page: light and dark by what the reader's system asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from hub.exports.palette import DARK, LIGHT, Look, Palette

_LAYOUT = """
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:56rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.5rem 0 .75rem}
h3{font-size:1.05rem;margin:0;overflow-wrap:anywhere}
h4,h5,h6{font-size:1rem;margin:1rem 0 .5rem}
a{color:var(--person);overflow-wrap:anywhere}
.facts{color:var(--quiet);font-size:.875rem;overflow-wrap:anywhere}
.facts span+span::before{content:" · "}
.totals{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:1rem 0 0;padding:0}
.totals div{display:flex;flex-direction:column-reverse}
.totals dt{color:var(--quiet);font-size:.8rem}
.totals dd{margin:0;font-size:1.15rem;font-weight:600}
article,section.decision{background:var(--panel);border:1px solid var(--line);border-radius:.5rem;
 padding:1rem 1.25rem;margin:0 0 1rem}
article{border-left:.3rem solid var(--who)}
article header b,.glyph{color:var(--who)}
article h3{display:flex;flex-wrap:wrap;gap:.25rem .6rem;align-items:baseline}
article h3 small{color:var(--quiet);font-weight:400;font-size:.875rem}
.body{overflow-wrap:anywhere;margin-top:.75rem}
.body>:first-child{margin-top:0}.body>:last-child{margin-bottom:0}
pre{background:var(--paper);border:1px solid var(--line);border-radius:.35rem;padding:.75rem;
 overflow-x:auto;font-size:.875rem}
pre.plain,.verbatim{white-space:pre-wrap;overflow-wrap:anywhere}
code{font-family:ui-monospace,monospace;font-size:.9em}
blockquote{margin:.75rem 0;padding:.1rem 0 .1rem 1rem;border-left:.2rem solid var(--quiet)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;
 border-bottom:1px solid var(--line);overflow-wrap:break-word}
th{color:var(--quiet);font-weight:600}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
.outcome{font-weight:700}
.bars{display:grid;grid-template-columns:minmax(8rem,2fr) 3fr auto;gap:.4rem .9rem;margin:1rem 0;
 align-items:center}
.bars .won{font-weight:700}
.track{background:var(--line);border-radius:.3rem;height:.8rem}
.fill{background:var(--quiet);border-radius:.3rem;height:100%}
.fill.won{background:var(--openai)}
details{margin-top:.5rem;font-size:.875rem;color:var(--quiet)}
summary{cursor:pointer;overflow-wrap:anywhere}
.error{color:var(--local)}
figure{margin:0;background:var(--paper);border:1px solid var(--line);border-radius:.5rem;
 overflow-x:auto}
figure svg{display:block;width:100%;height:auto;min-width:34rem}
footer{color:var(--quiet);font-size:.8rem;margin-top:3rem}
@media print{article,section.decision{break-inside:avoid}}
"""


def style_sheet(light: Sequence[Look], dark: Sequence[Look]) -> str:
    """Return the whole style sheet.

    Args:
        light: The looks that the page uses, whose order gives the classes `k0`, `k1`, ...
        dark: The same looks on dark ground.
    """
    repainted = "".join(
        f'figure svg [style*="fill: {old}"]{{fill:{new}!important}}'
        f'figure svg [style*="stroke: {old}"]{{stroke:{new}!important}}'
        for old, new in _pairs()
    )
    return (
        f":root{{color-scheme:light dark;{_variables(LIGHT)}}}{_classes(light)}{_LAYOUT}"
        f"@media(prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}{_classes(dark)}{repainted}}}"
    )


def _variables(palette: Palette) -> str:
    """Return the palette as custom properties."""
    named = {field.name: getattr(palette, field.name) for field in fields(palette)}
    return "".join(f"--{name}:{value};" for name, value in named.items() if isinstance(value, str))


def _classes(looks: Sequence[Look]) -> str:
    return "".join(f".k{k}{{--who:{look.colour}}}" for k, look in enumerate(looks))


def _pairs() -> list[tuple[str, str]]:
    """Return each light colour with its dark twin: a picture drawn light is repainted by them."""
    pairs = [
        (getattr(LIGHT, field.name), getattr(DARK, field.name))
        for field in fields(LIGHT)
        if field.name != "others"
    ]
    return pairs + list(zip(LIGHT.others, DARK.others, strict=True))
