/** How the report looks: on a screen, on a phone, and on A4. */
export const style = `
:root { --ink: #1c2430; --soft: #586374; --rule: #d9dee6; --paper: #fff; --card: #f5f7fa; --main: #2f6fb7; --good: #2b8a6e; --bad: #c2452d; --unknown: #e9ecf1; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #a3adbb; --rule: #3a4351; --paper: #161b22; --card: #1f2630; --main: #6aa5e8; --good: #58bd9b; --bad: #ef7f68; --unknown: #2a323d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 62rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.8rem; line-height: 1.2; }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.15rem; }
h3 { margin: 0 0 .2rem; font-size: 1rem; }
p { margin: .5rem 0; max-width: 46rem; }
.lead { font-size: 1.1rem; }
.soft { color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(2, 1fr); gap: .7rem; margin: 1.2rem 0; padding: 0; }
.cards div { padding: .7rem .8rem; border-radius: .4rem; background: var(--card); }
.cards dt { color: var(--soft); font-size: .85rem; }
.cards dd { margin: 0; }
.cards dd.value { font-size: 1.5rem; font-weight: 600; line-height: 1.3; white-space: nowrap; }
.cards dd.change { color: var(--soft); font-size: .82rem; line-height: 1.35; }
@media (min-width: 46rem) { .cards { grid-template-columns: repeat(4, 1fr); } }
@media screen and (max-width: 34rem) { .spare { display: none; } th, td { padding-right: .5rem; } }
.together + .together { margin-top: 1.6rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 1.6rem 2rem; }
figure { margin: 0; min-width: 0; }
figcaption { color: var(--soft); font-size: .85rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font: 11.5px system-ui, sans-serif; }
svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .unknown { fill: var(--unknown); }
svg .main { fill: var(--main); } svg .good { fill: var(--good); } svg .bad { fill: var(--bad); }
svg .line { fill: none; stroke: var(--main); stroke-width: 1.6; }
svg .limit { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 5 4; }
svg text.limit-name { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
svg.bar { width: 100%; min-width: 3rem; height: .6rem; }
.keys { margin-right: .9em; white-space: nowrap; }
.key { display: inline-block; width: .7em; height: .7em; margin-right: .35em; border-radius: .15em; }
.key.main { background: var(--main); } .key.good { background: var(--good); } .key.bad { background: var(--bad); } .key.unknown { background: var(--unknown); outline: 1px solid var(--rule); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
th { color: var(--soft); font-size: .82rem; font-weight: 500; }
th.number, td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.word { overflow-wrap: anywhere; min-width: 7rem; }
td.share { width: 26%; vertical-align: middle; }
th:last-child, td:last-child { padding-right: 0; }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
ul { margin: .4rem 0; padding: 0; list-style: none; } li { margin: .6rem 0; }
.state { padding: .05rem .4rem; border: 1px solid currentColor; border-radius: .3rem; font-size: .8rem; white-space: nowrap; }
.state.open, .state.returned { color: var(--bad); } .state.quiet, .state.resolved, .state.lesson { color: var(--good); }
.missing { padding: .6rem .9rem; border-left: 4px solid var(--soft); background: var(--card); }
details { margin-top: .4rem; font-size: .88rem; } summary { color: var(--soft); cursor: pointer; }
@page { size: A4; margin: 15mm 14mm 16mm; }
@media print {
  :root { --ink: #000; --soft: #444; --rule: #bbb; --paper: #fff; --card: #f3f4f6; --main: #2f6fb7; --good: #2b8a6e; --bad: #c2452d; --unknown: #e4e7ec; color-scheme: light; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  html { font-size: 12px; }
  body { max-width: none; padding: 0; }
  details { display: none; }
  .cards { grid-template-columns: repeat(4, 1fr); gap: 3mm; }
  .charts { grid-template-columns: 1fr 1fr; gap: 5mm 7mm; }
  .wide { overflow: visible; }
  h2, h3 { break-after: avoid; }
  figure, tr, li, .cards div, .missing, .together { break-inside: avoid; }
  thead { display: table-header-group; }
  p { orphans: 3; widows: 3; }
}
`;
