/**
 * What Grafana takes without a word and then shows wrongly, or not at all, and what makes a page hard to read: looks at
 * the files, not at their sources. Each rule has a name, and an exception stands in waivers.ts with its reason.
 */
import { objectives } from '../prometheus/slo/objectives.ts';
import { targets } from '../prometheus/targets.ts';
import { type Board, type BoardPanel, boardOf, type Finding, panelsOf } from './lint-board.ts';
import { lintPage } from './lint-page.ts';
import { lintPanel } from './lint-panel.ts';
import type { Waiver } from './waivers.ts';

/** One finding per broken rule; none for dashboards that follow the rules of the house. */
export function lint(files: readonly unknown[], waivers: readonly Waiver[] = []): string[] {
  const boards = files.map(boardOf);
  const found = boards.flatMap((board) =>
    [
      ...lintPage(board),
      ...board.panels.filter(({ type }) => type === 'row').flatMap((row) => lintRow(row)),
      ...panelsOf(board).flatMap((panel) => [...lintPanel(panel, levels), ...lintLinks(board, panel, boards)]),
    ].map((finding) => ({ ...finding, dashboard: board.uid })),
  );
  const waived = (finding: Finding & { dashboard: string }) =>
    waivers.filter(
      ({ dashboard, rule, panel }) =>
        dashboard === finding.dashboard && rule === finding.rule && (panel === undefined || panel === finding.panel),
    );
  const used = new Set(found.flatMap(waived));
  return [
    // A link beside the title and on the values is one link to mend.
    ...new Set(
      found
        .filter((finding) => waived(finding).length === 0)
        .map(({ dashboard, rule, panel, says }) => `${dashboard}${panel ? ` "${panel}"` : ''}: ${says}. [${rule}]`),
    ),
    ...waivers
      .filter((waiver) => !used.has(waiver))
      .map(({ dashboard, rule }) => `${dashboard}: the waiver of [${rule}] is not needed any more. Delete it.`),
  ];
}

function lintRow({ id, title }: BoardPanel): Finding[] {
  const of = (rule: string, says: string) => ({ rule, panel: title, says });
  return [
    ...(id ? [] : [of('ids', 'has no id, so Grafana drops it when it migrates')]),
    ...(title.endsWith('?') ? [] : [of('story', 'is a row whose title is no question')]),
  ];
}

/** A link names a page that there is, and only variables that exist at its two ends. */
function lintLinks(board: Board, { title, links, fieldConfig }: BoardPanel, boards: readonly Board[]): Finding[] {
  const inCells = fieldConfig.overrides.flatMap(({ properties }) =>
    properties.flatMap(({ id, value }) => (id === 'links' ? (value as { url: string }[]) : [])),
  );
  const of = (says: string) => ({ rule: 'links', panel: title, says });
  const offers = ({ templating }: Board) => templating.list.map(({ name }) => name);
  return [...links, ...fieldConfig.defaults.links, ...inCells].flatMap(({ url }) => {
    const uid = /^\/d\/([\w-]+)/.exec(url)?.[1];
    const target = boards.find((each) => each.uid === uid);
    if (uid === undefined) return [];
    if (!target) return [of(`leads to ${uid}, and there is no such dashboard`)];
    const sets = [...url.matchAll(/var-(\w+)=/g)].map(([, name]) => name as string);
    const keeps = [...url.matchAll(/\$\{(\w+):queryparam\}/g)].map(([, name]) => name as string);
    return [
      ...sets.filter((name) => !offers(target).includes(name)).map((name) => of(`sets $${name}, which ${uid} has not`)),
      ...keeps.filter((name) => !offers(board).includes(name)).map((name) => of(`keeps $${name}, which it has not`)),
      ...(url.includes('__url_time_range') ? [] : [of('loses the time range on its way')]),
    ];
  });
}

/** The numbers that alerts take, one more being "more than", and those that objectives promise. */
const levels: ReadonlySet<number> = new Set([
  ...Object.values(targets)
    .flatMap((group) => (typeof group === 'object' ? Object.values<number | string>(group) : [group]))
    .filter((level) => typeof level === 'number')
    .flatMap((level) => [level, level + 1]),
  ...objectives.map(({ objectiveBp }) => objectiveBp / 10_000),
]);
