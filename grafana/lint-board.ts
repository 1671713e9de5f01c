/** The parts of a dashboard file that the rules of the house look at, and what they find. */
import * as v from 'valibot';

export interface Finding {
  /** Which rule: see lint.ts. */
  rule: string;
  /** The panel's title; undefined for what is wrong with the page. */
  panel: string | undefined;
  says: string;
}

const place = v.object({ x: v.number(), y: v.number(), w: v.number(), h: v.number() });

const link = v.object({ title: v.string(), url: v.string() });

const target = v.looseObject({
  refId: v.optional(v.string(), ''),
  datasource: v.optional(v.object({ type: v.string(), uid: v.string() })),
  expr: v.optional(v.string()),
  query: v.optional(v.string()),
  queryType: v.optional(v.string()),
  instant: v.optional(v.boolean()),
  exemplar: v.optional(v.boolean()),
  format: v.optional(v.string()),
});

const defaults = v.looseObject({
  unit: v.optional(v.string()),
  noValue: v.optional(v.string()),
  min: v.optional(v.number()),
  max: v.optional(v.number()),
  links: v.optional(v.array(link), []),
  thresholds: v.optional(v.object({ steps: v.array(v.object({ color: v.string(), value: v.nullable(v.number()) })) })),
});

const property = v.object({ id: v.string(), value: v.unknown() });

const panel = v.object({
  id: v.optional(v.number()),
  type: v.string(),
  title: v.optional(v.string(), ''),
  description: v.optional(v.string(), ''),
  gridPos: place,
  targets: v.optional(v.array(target), []),
  links: v.optional(v.array(link), []),
  fieldConfig: v.optional(
    v.object({ defaults, overrides: v.optional(v.array(v.object({ properties: v.array(property) })), []) }),
    { defaults: { links: [] }, overrides: [] },
  ),
  options: v.optional(v.looseObject({}), {}),
});

const board = v.looseObject({
  uid: v.string(),
  title: v.string(),
  description: v.optional(v.string(), ''),
  schemaVersion: v.number(),
  editable: v.boolean(),
  refresh: v.string(),
  timezone: v.string(),
  graphTooltip: v.optional(v.number()),
  tags: v.array(v.string()),
  links: v.array(v.looseObject({ type: v.string(), keepTime: v.boolean(), includeVars: v.boolean() })),
  annotations: v.object({ list: v.array(v.looseObject({ name: v.string(), expr: v.optional(v.string()) })) }),
  templating: v.object({
    list: v.array(
      v.looseObject({
        name: v.string(),
        type: v.string(),
        refresh: v.optional(v.number()),
        multi: v.optional(v.boolean(), false),
        includeAll: v.optional(v.boolean(), false),
        allValue: v.optional(v.string(), ''),
      }),
    ),
  }),
  panels: v.array(
    v.object({ ...panel.entries, collapsed: v.optional(v.boolean()), panels: v.optional(v.array(panel), []) }),
  ),
});

export type Board = v.InferOutput<typeof board>;
export type BoardPanel = v.InferOutput<typeof panel>;

/** @throws ValiError for what is no dashboard of ours. */
export function boardOf(json: unknown): Board {
  return v.parse(board, json);
}

/** All panels but the rows, those in closed rows included. */
export function panelsOf({ panels }: Board): BoardPanel[] {
  return panels.flatMap((each) => [each, ...each.panels]).filter(({ type }) => type !== 'row');
}
