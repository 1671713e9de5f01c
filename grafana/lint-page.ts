/** Rules for a page as a whole. */
import { type Board, type BoardPanel, type Finding, panelsOf } from './lint-board.ts';

/** What a page shows before anybody scrolls has to say how things are. */
const states = ['stat', 'gauge', 'bargauge', 'state-timeline', 'alertlist'];

export function lintPage(board: Board): Finding[] {
  const { panels } = board;
  const open = panels.filter(({ type }) => type !== 'row');
  const firstRow = until(panels.slice(1), ({ type }) => type === 'row');
  const alerts = board.annotations.list.some(({ expr }) => expr?.includes('ALERTS'));
  const toOthers = board.links.some(
    ({ type, keepTime, includeVars }) => type === 'dashboards' && keepTime && includeVars,
  );
  const found: [rule: string, found: boolean, says: string][] = [
    ['uid', board.uid.length > 40, `the uid ${board.uid} has more than 40 characters`],
    ['schema', board.schemaVersion !== 42, `schemaVersion is ${board.schemaVersion}, not 42`],
    ['schema', 'rows' in board, '"rows" is not read since schemaVersion 16'],
    ['read-only', board.editable, 'it is editable'],
    ['time-zone', board.timezone !== 'utc', `its time zone is ${board.timezone}, not utc`],
    [
      'refresh',
      seconds(board.refresh) < 30,
      `it refreshes every ${board.refresh}, more often than there is something new`,
    ],
    ['links', !board.tags.includes('fleetscope'), 'no tag "fleetscope" links it to the others'],
    ['links', !toOthers, 'no drop-down leads to the others with time and variables kept'],
    ['question', !/\?/.test(board.description), 'no description says which question it answers'],
    ['crosshair', board.graphTooltip !== 1, 'its panels do not share a crosshair'],
    ['alerts', !alerts, 'no annotation shows firing alerts'],
    ['panel-count', open.length > 20, `${open.length} panels are open, more than 20: close a row`],
    ['state-first', !firstRow.some(({ type }) => states.includes(type)), 'its first row does not say how things are'],
    ['story', panels[0]?.type !== 'row', 'it does not begin with a row'],
  ];
  return [
    ...found.filter(([, wrong]) => wrong).map(([rule, , says]) => ({ rule, panel: undefined, says })),
    ...duplicates(allOf(board).map(({ id }) => id)).map((id) => page('ids', `two panels have the id ${id}`)),
    ...duplicates(panelsOf(board).map(({ title }) => title)).map((title) =>
      page('title', `two panels are called "${title}"`),
    ),
    ...variables(board),
    // Grafana makes room when it opens a closed row: what is in there meets only its own kind.
    ...[panels, ...panels.map((each) => each.panels)].flatMap((group) => [...overlaps(group), ...heights(group)]),
  ];
}

function variables({ templating }: Board): Finding[] {
  const chosen = templating.list.filter(({ type }) => type === 'query');
  return chosen.flatMap(({ name, refresh, multi, includeAll, allValue }) => {
    const says = [
      ...(refresh === 2 ? [] : [`$${name} does not follow the time range`]),
      ...(multi && includeAll && /^\.[*+]$/.test(allValue) ? [] : [`$${name} does not offer several values and all`]),
    ];
    return says.map((each) => page('variables', each));
  });
}

function overlaps(panels: BoardPanel[]): Finding[] {
  return panels.flatMap((a, at) =>
    panels
      .slice(at + 1)
      .filter((b) => meet(a.gridPos, b.gridPos))
      .map((b) => page('layout', `"${a.title}" lies on "${b.title}"`)),
  );
}

/** Panels of one line end together, or the page looks torn. */
function heights(panels: BoardPanel[]): Finding[] {
  const lines = Map.groupBy(panels, ({ gridPos }) => gridPos.y);
  return [...lines.values()].flatMap((line) => {
    const [first] = line;
    const odd = line.find(({ gridPos }) => gridPos.h !== first?.gridPos.h);
    return odd ? [page('layout', `"${odd.title}" is not as high as "${first?.title}" beside it`)] : [];
  });
}

type Place = BoardPanel['gridPos'];

function meet(a: Place, b: Place): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function allOf({ panels }: Board): BoardPanel[] {
  return panels.flatMap((each) => [each, ...each.panels]);
}

function page(rule: string, says: string): Finding {
  return { rule, panel: undefined, says };
}

function seconds(duration: string): number {
  return Number.parseInt(duration, 10) * (duration.endsWith('m') ? 60 : 1);
}

function until<T>(list: T[], end: (each: T) => boolean): T[] {
  const at = list.findIndex(end);
  return at < 0 ? list : list.slice(0, at);
}

function duplicates<T>(values: T[]): T[] {
  return values.filter((value, at) => value !== undefined && values.indexOf(value) !== at);
}
