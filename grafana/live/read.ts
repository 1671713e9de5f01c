/** A dashboard file as what there is to ask when somebody opens it. */
import * as v from 'valibot';
import { type PanelQuery, panelQueries } from '../panel-queries.ts';

/** A query with what its answer depends on. */
export interface LiveQuery extends PanelQuery {
  /** Panels of one key are one request. */
  key: string;
  /** Its row is closed: nothing is asked until somebody opens it. */
  closed: boolean;
  /** Pixels of the panel in a window that is 1600 wide. */
  pixels: number;
  timeFrom: string | undefined;
  /** Least step in ms; undefined: the data source's own. */
  least: number | undefined;
  /** At most so many lines or traces. */
  limit: number | undefined;
  exemplars: boolean;
}

export interface LiveVariable {
  name: string;
  /** The query for its values; undefined where `values` stand in the file. */
  query: LiveQuery | undefined;
  values: readonly string[];
  /** What is chosen in the file; undefined: all, or the first. */
  current: readonly string[] | undefined;
  multi: boolean;
  includeAll: boolean;
  allValue: string | undefined;
}

export interface LiveDashboard {
  uid: string;
  title: string;
  time: { from: string; to: string };
  variables: LiveVariable[];
  queries: LiveQuery[];
}

const windowPixels = 1600;
const columns = 24;

const target = v.looseObject({
  interval: v.optional(v.string(), ''),
  limit: v.optional(v.number()),
  maxLines: v.optional(v.number()),
  exemplar: v.optional(v.boolean(), false),
});
const panelEntries = {
  id: v.optional(v.number(), 0),
  type: v.string(),
  collapsed: v.optional(v.boolean(), false),
  gridPos: v.object({ w: v.number() }),
  timeFrom: v.optional(v.string()),
  interval: v.optional(v.string(), ''),
  targets: v.optional(v.array(target), []),
};
const oneOrMany = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => [value].flat()),
);
const variable = v.object({
  name: v.string(),
  type: v.string(),
  query: v.optional(v.unknown()),
  multi: v.optional(v.boolean(), false),
  includeAll: v.optional(v.boolean(), false),
  allValue: v.optional(v.string()),
  current: v.optional(v.object({ value: v.optional(oneOrMany) })),
});
const file = v.object({
  uid: v.string(),
  title: v.string(),
  time: v.object({ from: v.string(), to: v.string() }),
  templating: v.object({ list: v.array(variable) }),
  panels: v.array(v.object({ ...panelEntries, panels: v.optional(v.array(v.object(panelEntries)), []) })),
});

/** @throws ValiError for what is no dashboard of ours. */
export function readDashboard(json: unknown): LiveDashboard {
  const { uid, title, time, templating, panels } = v.parse(file, json);
  const asked = panelQueries(json);
  const ofPanels = asked.filter((query) => query.of === 'panel');
  // In the same order as there: a panel, then those that its row holds.
  const placed = panels.flatMap((panel) => [
    ...withPanel(panel, false),
    ...panel.panels.flatMap((inner) => withPanel(inner, panel.collapsed)),
  ]);
  const queries = ofPanels.map((query, at) => ({ ...query, ...(placed[at] as (typeof placed)[number]) }));
  const beside = (query: PanelQuery): LiveQuery => ({
    ...query,
    key: `${query.of} ${query.panel}`,
    ...{ closed: false, pixels: windowPixels, exemplars: false },
    ...{ timeFrom: undefined, least: undefined, limit: undefined },
  });
  return {
    uid,
    title,
    time,
    queries: [...queries, ...asked.filter(({ of }) => of === 'annotation').map(beside)],
    variables: templating.list.map(({ name, type, query, current, ...own }) => {
      const asks = asked.find((each) => each.of === 'variable' && each.refId === name);
      const values = type === 'custom' || type === 'interval' ? String(query).split(/\s*,\s*/) : [];
      return {
        name,
        query: asks && beside(asks),
        values: type === 'constant' || type === 'textbox' ? [String(query)] : values,
        current: current?.value?.some((value) => value !== '' && value !== '$__all') ? current.value : undefined,
        ...own,
        allValue: own.allValue || undefined,
      };
    }),
  };
}

function withPanel(panel: v.InferOutput<v.ObjectSchema<typeof panelEntries, undefined>>, closed: boolean) {
  return panel.targets.map(({ interval, limit, maxLines, exemplar }) => ({
    key: `panel ${panel.id}`,
    closed,
    pixels: Math.floor((panel.gridPos.w / columns) * windowPixels),
    timeFrom: panel.timeFrom,
    least: leastOf(interval || panel.interval),
    limit: limit ?? maxLines,
    exemplars: exemplar,
  }));
}

/** `30s`, or `>30s` as panels have it. */
function leastOf(text: string): number | undefined {
  const [, count, unit] = /^>?(\d+)(s|m|h|d)$/.exec(text) ?? [];
  return unit ? Number(count) * { s: 1e3, m: 6e4, h: 36e5, d: 864e5 }[unit as 's' | 'm' | 'h' | 'd'] : undefined;
}
