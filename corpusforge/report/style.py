"""The look of the page: light and dark, one column, no outside font."""

STYLE = """\
:root { --ink: #1d2430; --soft: #5c6675; --line: #e2e6ec; --paper: #fff; --ground: #f5f7fa;
  --track: #eceff4; --bad: #c4372f; --good: #1f7a3d; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #9aa5b5; --line: #2c3442; --paper: #171c25; --ground: #10141b;
    --track: #262d3a; --bad: #ff8f85; --good: #63c585; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 26px; margin: 0; }
h2 { font-size: 17px; margin: 0 0 12px; }
h3 { font-size: 14px; margin: 18px 0 4px; }
p { margin: 0 0 12px; color: var(--soft); }
header p { margin: 4px 0 24px; }
code { font: 12.5px ui-monospace, monospace; overflow-wrap: anywhere; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 20px;
  margin-top: 18px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
.tile { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.tile b { display: block; font-size: 23px; font-variant-numeric: tabular-nums; }
.tile span, .tile small { display: block; color: var(--soft); font-size: 13px; }
.stack { display: block; width: 100%; height: 28px; border-radius: 6px; background: var(--track); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 10px 0 18px; font-size: 13px;
  color: var(--soft); }
.legend i, td i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; }
.bar { display: block; }
.track { fill: var(--track); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { color: var(--soft); font-weight: 600; font-size: 12.5px; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td.wrap { white-space: normal; }
tfoot td { font-weight: 600; border-bottom: 0; }
td small { display: block; color: var(--soft); font-size: 12px; }
td.first { font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
.good { color: var(--good); font-weight: 600; }
@media print {
  :root { --ink: #000; --soft: #444; --line: #ccc; --paper: #fff; --ground: #fff; --track: #eee;
    --bad: #b3261e; --good: #1f7a3d; }
  main { padding: 0; }
  section { break-inside: avoid-page; }
  .scroll { overflow-x: visible; }
  i { print-color-adjust: exact; }
  table { font-size: 11px; }
  th, td { white-space: normal; overflow-wrap: anywhere; padding-right: 8px; }
}
"""
