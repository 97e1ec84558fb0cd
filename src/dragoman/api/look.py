"""How the pages for people look. Rule: one sheet of style for all, no scripts, nothing loaded from elsewhere."""

import html

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_STYLE = """
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5f6b76; --paper: #fbfaf7; --card: #fff; --line: #e2ddd1;
  --code: #f2efe7; --link: #8a4b08; --good: #1d7a3e; --bad: #a8321e }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e1d6; --soft: #98a2ac; --paper: #14181d; --card: #1b2026;
  --line: #313941; --code: #262c33; --link: #e0a458; --good: #6fcf97; --bad: #f0907c } }
* { box-sizing: border-box }
body { font: 15px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  margin: 0 auto; padding: 2rem 1.25rem 3rem }
header { display: flex; align-items: center; gap: .9rem; flex-wrap: wrap; margin-bottom: 1.5rem }
header img { display: block; background: #fbfaf7; border-radius: .6rem; padding: .25rem }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 } header p { margin: 0; color: var(--soft) }
nav { margin-left: auto; display: flex; gap: 1rem } h2 { font-size: 1.05rem; margin: 0 0 .6rem }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.2rem; margin: 0 0 1rem }
section p { margin: .4rem 0 } .soft, th { color: var(--soft) } a { color: var(--link) }
code, pre { font: .88em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; background: var(--code); border-radius: .3rem }
code { padding: .1em .35em } pre { padding: .7rem .9rem; overflow-x: auto; margin: .5rem 0 0 }
.wide { overflow-x: auto } .wide th, .wide td { white-space: nowrap } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .45rem .9rem .45rem 0; border-top: 1px solid var(--line) }
tr:first-child > * { border-top: 0 } th { font-weight: 500 } td > small { display: block; color: var(--soft) }
.dot::before { content: ""; display: inline-block; width: .55em; height: .55em; border-radius: 50%; margin-right: .45em;
  background: var(--good) } .off::before { background: var(--soft) } .bad::before { background: var(--bad) }
"""


def page(title: str, width: str, subtitle: str, links: dict[str, str], body: str) -> str:
    """A whole document. `width`: at most, in CSS. `subtitle` and `body` are HTML. `links`: what they are called -> where."""
    shown = "".join(f'<a href="{html.escape(place)}">{html.escape(name)}</a>' for name, place in links.items())
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title><link rel="icon" href="/static/logo.png">
<style>{_STYLE} body {{ max-width: {width} }}</style></head><body>
<header><img src="/static/logo.png" alt="" width="44" height="44"><div><h1>{html.escape(title)}</h1><p>{subtitle}</p></div>
<nav>{shown}</nav></header>
{body}
</body></html>"""


def card(heading: str, body: str) -> str:
    """A section of a page; `body` is HTML."""
    return f"<section><h2>{html.escape(heading)}</h2>{body}</section>"
