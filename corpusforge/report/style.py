"""The look of the page: light and dark, one column, no outside font."""

STYLE = """\
:root { --ink: #1d2430; --soft: #5c6675; --line: #e2e6ec; --paper: #fff; --ground: #f5f7fa;
  --track: #eceff4; --link: #2459a6; --mark: #ffe08a; --bad: #b3261e; --good: #23733c; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #9aa5b5; --line: #2c3442; --paper: #171c25; --ground: #10141b;
    --track: #262d3a; --link: #8db8f2; --mark: #6b5312; --bad: #ff8f86; --good: #7ccf92; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 32px 20px 64px; }
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
.bar { display: block; width: 240px; height: 12px; }
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
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
nav { display: flex; flex-wrap: wrap; gap: 2px 16px; margin-top: 18px; font-size: 13.5px; }
nav a { color: var(--link); padding: 3px 0; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr));
  gap: 24px 18px; align-items: start; }
h3 i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; }
.card { border-top: 1px solid var(--line); padding: 7px 0; }
.card summary { cursor: pointer; overflow-wrap: anywhere; }
.card summary small { color: var(--soft); }
.card summary small + small { display: block; font-size: 12.5px; }
.card dl { display: grid; grid-template-columns: max-content 1fr; gap: 1px 12px; margin: 8px 0;
  font-size: 13px; }
.card dt { color: var(--soft); }
.card dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 0; padding: 10px 12px; background: var(--ground); border-radius: 6px;
  font: 12.5px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; margin: 14px 0; padding-top: 12px;
  border-top: 1px solid var(--line); }
.member { min-width: 0; }
.member small { display: block; color: var(--soft); margin-bottom: 4px; }
mark { background: var(--mark); color: inherit; border-radius: 2px; }
@media (max-width: 640px) {
  main { padding: 18px 10px 40px; }
  section { padding: 14px 12px; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tile b { font-size: 19px; }
  .bar { width: 72px; }
  .pair { grid-template-columns: 1fr; }
  table { font-size: 13px; }
  td, th { padding-right: 9px; }
}
@media print {
  @page { margin: 14mm; }
  body { background: none; font-size: 10pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  section, .tile { border-color: #bbb; }
  section { border-width: 1px 0 0; border-radius: 0; padding: 10px 0; }
  h2, h3 { break-after: avoid; }
  tr, .tile, .card { break-inside: avoid; }
  .scroll { overflow: visible; }
  table { font-size: 8.5pt; }
  td, th { padding-right: 8px; white-space: normal; overflow-wrap: anywhere; }
  td.n, th.n { white-space: nowrap; }
  .bar { width: 90px; }
  .plots { grid-template-columns: repeat(2, 1fr); }
  .card, pre { font-size: 8pt; }
  .card summary { list-style: none; }
  .card dl { display: block; font-size: 8pt; margin: 2px 0 4px; }
  .card dt, .card dd { display: inline; }
  .card dt::after { content: ": "; }
  .card dd:not(:last-child)::after { content: " · "; color: var(--soft); }
  .card summary small + small { display: none; }
  .card::details-content { content-visibility: visible; display: block; height: auto; }
  .card pre, .member pre { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 12;
    overflow: hidden; padding-bottom: 0; }
  .bar, .stack, i, mark, pre { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
