/**
 * How the report looks: on a screen, on a phone, and on A4.
 * @param title of the page, at the head of each sheet: text of ours
 */
export function style(title: string): string {
  return `${looks}
@page { size: A4; margin: 17mm 14mm 15mm; @top-left { content: ${JSON.stringify(title)}; font: 9px system-ui, sans-serif; color: #444; } @top-right { content: counter(page) " / " counter(pages); font: 9px system-ui, sans-serif; color: #444; } }
@page :first { margin-top: 12mm; @top-left { content: ""; } @top-right { content: ""; } @bottom-right { content: counter(page) " / " counter(pages); font: 9px system-ui, sans-serif; color: #444; } }
`;
}

const looks = `
:root { --ink: #1c2430; --soft: #586374; --rule: #d9dee6; --paper: #fff; --card: #f5f7fa; --main: #2f6fb7; --good: #2b8a6e; --good-ink: #1e6f57; --bad: #c2452d; --bad-ink: #b03a24; --unknown: #e9ecf1; --first: #2f6fb7; --second: #d9861c; --third: #2b8a6e; --fourth: #8c62b6; --others: #9aa4b2; --band: #2f6fb726; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #a3adbb; --rule: #3a4351; --paper: #161b22; --card: #1f2630; --main: #6aa5e8; --good: #58bd9b; --good-ink: #58bd9b; --bad: #ef7f68; --bad-ink: #ef7f68; --unknown: #2a323d; --first: #6aa5e8; --second: #eba94e; --third: #58bd9b; --fourth: #b493dc; --others: #737e8e; --band: #6aa5e833; } }
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
.cards dd.range { color: var(--ink); font-size: .82rem; line-height: 1.35; }
.cards dd.change { color: var(--soft); font-size: .82rem; line-height: 1.35; }
@media (min-width: 46rem) { .cards { grid-template-columns: repeat(4, 1fr); } }
@media screen and (max-width: 34rem) {
  .spare { display: none; } th, td { padding-right: .5rem; } td svg.bar { min-width: 1.2rem; } table td.word:first-child { min-width: 6rem; } table th.number { white-space: normal; vertical-align: bottom; }
  .stack thead { position: absolute; clip-path: inset(50%); } .stack tr { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .9rem; padding: .5rem 0; border-bottom: 1px solid var(--rule); }
  .stack td { padding: 0; border: 0; } .stack td:first-child { width: 100%; } .stack td.spare { display: none; } .stack td.number::before { content: attr(data-name) " "; color: var(--soft); font-size: .85em; } .stack br + .soft { margin-left: .2rem; }
}
.by + .by { margin-top: 1.6rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 1.6rem 2rem; }
figure { margin: 0; min-width: 0; overflow-wrap: anywhere; }
figcaption { color: var(--soft); font-size: .85rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font: 11.5px system-ui, sans-serif; }
svg .grid { stroke: var(--rule); stroke-width: 1; } svg .base { stroke: var(--soft); stroke-width: 1; }
svg .unknown { fill: var(--unknown); }
svg .main { fill: var(--main); } svg .good { fill: var(--good); } svg .bad { fill: var(--bad); }
svg .first { fill: var(--first); } svg .second { fill: var(--second); } svg .third { fill: var(--third); } svg .fourth { fill: var(--fourth); } svg .others { fill: var(--others); }
svg .band { fill: var(--band); }
svg .line { fill: none; stroke: var(--main); stroke-width: 1.6; }
svg .limit { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 5 4; }
svg text.limit-name { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
svg.bar { width: 100%; min-width: 2.5rem; height: .6rem; }
.stack td.drawn { vertical-align: top; }
svg.spark { width: 100%; min-width: 6rem; height: 1.4rem; }
.keys { display: inline-block; max-width: 100%; margin-right: .9em; overflow-wrap: anywhere; }
.key { display: inline-block; width: .7em; height: .7em; margin-right: .35em; border-radius: .15em; }
.key.main { background: var(--main); } .key.good { background: var(--good); } .key.bad { background: var(--bad); } .key.first { background: var(--first); } .key.second { background: var(--second); } .key.third { background: var(--third); } .key.fourth { background: var(--fourth); } .key.others { background: var(--others); }
.key.unknown { background: var(--unknown); outline: 1px solid var(--rule); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
th { color: var(--soft); font-size: .82rem; font-weight: 500; }
th.number, td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.word { overflow-wrap: break-word; }
td.word:first-child { min-width: 8.5rem; overflow-wrap: anywhere; }
td.drawn { width: 20%; vertical-align: middle; }
th:last-child, td:last-child { padding-right: 0; }
code { display: inline-block; max-width: 100%; font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
ul { margin: .4rem 0; padding: 0; list-style: none; } li { margin: .6rem 0; max-width: 52rem; overflow-wrap: anywhere; }
.outstanding ul { padding-left: 1.1rem; list-style: disc; } .outstanding li { margin: .35rem 0; }
.lessons li { display: grid; grid-template-columns: 6.5rem 1fr; gap: .6rem; align-items: baseline; } .lessons .state { justify-self: start; } .lessons p { margin: 0; max-width: none; }
@media screen and (max-width: 34rem) { .lessons li { grid-template-columns: 1fr; gap: .15rem; } }
.state { padding: .05rem .4rem; border: 1px solid currentColor; border-radius: .3rem; font-size: .8rem; white-space: nowrap; }
.state.open, .state.returned { color: var(--bad-ink); } .state.quiet, .state.resolved, .state.lesson { color: var(--good-ink); }
.missing { padding: .6rem .9rem; border-left: 4px solid var(--soft); background: var(--card); }
details { margin-top: .4rem; font-size: .88rem; } summary { color: var(--soft); cursor: pointer; }
@media print {
  :root { --ink: #000; --soft: #444; --rule: #bbb; --paper: #fff; --card: #f3f4f6; --main: #2f6fb7; --good: #2b8a6e; --good-ink: #1e6f57; --bad: #c2452d; --bad-ink: #b03a24; --unknown: #e4e7ec; --first: #2f6fb7; --second: #d9861c; --third: #2b8a6e; --fourth: #8c62b6; --others: #9aa4b2; --band: #2f6fb726; color-scheme: light; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  html { font-size: 12px; }
  body { max-width: none; padding: 0; }
  p, li { max-width: none; }
  details { display: none; }
  .cards { grid-template-columns: repeat(4, 1fr); gap: 3mm; }
  .charts { display: block; orphans: 1; widows: 1; } figure { display: inline-block; width: 47.5%; margin: 0 0 5mm; vertical-align: top; } figure:nth-child(odd) { margin-right: 4%; }
  .note { break-before: avoid; }
  .wide { overflow: visible; }
  h2, h3 { break-after: avoid; }
  figure, tr, li, .cards div, .missing, .together { break-inside: avoid; }
  thead { display: table-header-group; }
  p { orphans: 3; widows: 3; }
}
`;
