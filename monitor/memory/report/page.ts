/** A month as one HTML file: no network, no script; the same rows give the same bytes. (M06) */
import { courses } from './courses.ts';
import { head } from './head.ts';
import { html, Markup } from './markup.ts';
import { spent } from './money.ts';
import { monthName } from './months.ts';
import { outstanding } from './outstanding.ts';
import type { Month } from './read-month.ts';
import { approvals, decisions, errors, gaps, incidents, lessons } from './sections.ts';
import { style } from './style.ts';

/** @param usdPerDay what a day may cost: the line in the chart */
export function reportPage(facts: Month, usdPerDay: number): string {
  const title = `Fleet report, ${monthName(facts.month)}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(style(title))}</style>
</head>
<body>
${head(facts)}
<main>
${outstanding(facts, usdPerDay)}
${courses(facts, usdPerDay)}
${spent(facts)}
${errors(facts)}
${incidents(facts)}
${approvals(facts)}
${lessons(facts)}
${decisions(facts)}
${gaps(facts)}
</main>
<footer class="soft"><p>Made from the daily snapshots alone. <code>npm run monitor -- show &lt;id&gt;</code> opens what a line rests on.</p></footer>
</body>
</html>
`;
  return page.text;
}
