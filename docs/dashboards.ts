/** Every dashboard for a reviewer: what each panel answers, from which query, and where its colours change. From their sources. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardList, type Uid } from '../grafana/dashboard-list.ts';
import { type PanelQuery, panelQueries } from '../grafana/panel-queries.ts';
import { type Twin, twin } from '../twin.ts';

interface Panel {
  type: string;
  title: string;
  description?: string;
  collapsed?: boolean;
  panels?: Panel[];
  fieldConfig?: { defaults: { unit?: string; thresholds?: { steps: { color: string; value: number | null }[] } } };
}

interface Board {
  uid: string;
  title: string;
  description: string;
  time: { from: string };
  refresh: string;
  templating: { list: { name: string }[] };
  panels: Panel[];
}

const pages = await Promise.all((Object.keys(dashboardList) as Uid[]).map(read));

async function read(uid: Uid): Promise<{ board: Board; id: string }> {
  const source = `grafana/dashboards/${uid}.ts`;
  const { default: file } = (await import(`../grafana/dashboards/${uid}.ts`)) as { default: Twin };
  const board = JSON.parse(file.render(source)[`${uid}.json`] as string) as Board;
  // The promise that a page keeps stands in the first line of its source: Grafana has no use for it.
  const id = /^\/\*\* ([DX]\d\d):/.exec(readFileSync(join(import.meta.dirname, '..', source), 'utf8'))?.[1];
  if (!id)
    throw new Error(
      `Cannot list ${source}: its first line does not say which promise it keeps. Begin it with /** D01: …`,
    );
  return { board, id };
}

const inOrder = pages.sort((a, b) => (a.id < b.id ? -1 : 1));

const page = `# Dashboards

${pages.length} pages, written in [grafana/dashboards/](../grafana/dashboards/fleet.ts), one file each. How to add one: [CONTRIBUTING.md](../CONTRIBUTING.md). What a number in a colour means stands in
[prometheus/targets.ts](../prometheus/targets.ts), from which the alerts take theirs.

- \`npm run panels\` asks every query below of a running stack: with every variable at its default, at all, and at one value after the other. (D19)
- \`npm run screenshots\` opens every page in a browser, says what is wrong to the eye, and takes the pictures here. Its own tests need a Chromium: \`npm test -- browser\`; CI does not run them.

| id | page | question | opens on |
|---|---|---|---|
${inOrder.map(({ board, id }) => row([id, `[${board.title}](#${anchor(board.title)})`, question(board), range(board)])).join('\n')}

${inOrder.map(section).join('\n\n')}
`;

function section({ board, id }: (typeof pages)[number]): string {
  const { uid, title, panels, templating, refresh } = board;
  const variables = templating.list.map(({ name }) => code(`$${name}`)).join(', ');
  const queries = panelQueries(board).filter((query) => query.of === 'panel');
  return `## ${title}

${question(board)} Promise ${id}, address \`/d/${uid}\`, source [${uid}.ts](../grafana/dashboards/${uid}.ts). Opens on ${range(board)}, asks again every ${refresh}${variables && `, can be narrowed by ${variables}`}.

${pictures(title, uid)}| panel | what it answers | query | colours |
|---|---|---|---|
${panels.flatMap((panel) => rows(panel, queries)).join('\n')}`;
}

/** Where there are any: a page that is new has none before the next `npm run screenshots`. */
function pictures(title: string, uid: string): string {
  const path = (width: number) => `images/${uid}-${width}.webp`;
  if (!existsSync(join(import.meta.dirname, path(1600)))) return '';
  return `[![${title}](${path(1600)})](${path(1600)})

On a phone: [picture](${path(420)}).

`;
}

/** A row of panels is a line of its own; a closed one holds its panels. */
function rows(panel: Panel, queries: readonly PanelQuery[]): string[] {
  const { type, title, description = '', collapsed, panels = [] } = panel;
  if (type === 'row') {
    const name = `**${title}**${collapsed ? ' (closed)' : ''}`;
    return [row([name, '', '', '']), ...panels.flatMap((inner) => rows(inner, queries))];
  }
  const asked = queries.filter((query) => query.panel === title).map(({ expr }) => expr);
  const shown = [...new Set(asked)].map((expr) => code(expr.replaceAll(/\s+/g, ' '))).join('<br>');
  return [row([title, firstSentence(description), shown || type, colours(panel)])];
}

function question({ description }: Board): string {
  return description.replace(/ Generated from .*$/, '');
}

/** \`now-7d\` is "the last 7 days". */
function range({ time }: Board): string {
  const [, count, unit] = /^now-(\d+)([mhd])$/.exec(time.from) ?? [];
  const words: Record<string, string> = { m: 'minute', h: 'hour', d: 'day' };
  if (!count || !unit) return `\`${time.from}\``;
  return count === '1' ? `the last ${words[unit]}` : `the last ${count} ${words[unit]}s`;
}

/** Not at the point of "p. 95" or "1.5". */
function firstSentence(text: string): string {
  return /^.*?[.?!](?=\s|$)/s.exec(text)?.[0].replaceAll(/\s+/g, ' ') ?? text;
}

/** "green, yellow from 1 %, red from 3 %"; nothing where one colour holds throughout. */
function colours({ fieldConfig }: Panel): string {
  const { unit = '', thresholds } = fieldConfig?.defaults ?? {};
  const [first, ...others] = thresholds?.steps ?? [];
  if (!first || others.length === 0) return '';
  const value = (number: number) => {
    if (unit === 'percentunit') return `${Number((number * 100).toFixed(3))} %`;
    const suffix = unit.startsWith('suffix:')
      ? unit.slice(7).trim()
      : ({ s: 's', percent: '%', currencyUSD: 'USD' }[unit] ?? '');
    return `${number} ${suffix}`.trim();
  };
  return [first.color, ...others.map((step) => `${step.color} from ${value(step.value as number)}`)].join(', ');
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(/[^\w]+/g, '-');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** A code span may hold single backticks only between two of them. */
function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

export default twin('md', page);
