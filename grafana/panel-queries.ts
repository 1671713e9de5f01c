/** What the dashboards ask, read from the files that Grafana reads. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { noDataYet } from './panels.ts';

/** One query of one panel. */
export interface PanelQuery {
  /** The dashboard's uid. */
  dashboard: string;
  /** The panel's title. */
  panel: string;
  refId: string;
  /** PromQL with Grafana's macros in it; `withoutMacros` makes it plain. */
  expr: string;
  kind: 'instant' | 'range';
  /** Why the panel says that it may be empty; undefined when it must have data. (D19) */
  allowedEmpty: string | undefined;
}

const target = v.object({ refId: v.string(), expr: v.string(), instant: v.boolean() });

const panel = v.object({
  title: v.string(),
  targets: v.optional(v.array(target), []),
  fieldConfig: v.optional(v.object({ defaults: v.object({ noValue: v.string() }) })),
});

const dashboard = v.object({
  uid: v.string(),
  panels: v.array(v.object({ ...panel.entries, panels: v.optional(v.array(panel), []) })),
});

/** Every dashboard file, parsed. */
export function dashboardFiles(folder = join(import.meta.dirname, 'dashboards')): unknown[] {
  const files = globSync('*.json', { cwd: folder }).sort();
  return files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
}

/** Every query of a dashboard, those in closed rows included. @throws ValiError for what is no dashboard of ours. */
export function panelQueries(json: unknown): PanelQuery[] {
  const { uid, panels } = v.parse(dashboard, json);
  return panels
    .flatMap((each) => [each, ...each.panels])
    .flatMap(({ title, targets, fieldConfig }) => {
      const noValue = fieldConfig?.defaults.noValue;
      return targets.map(({ refId, expr, instant }) => ({
        dashboard: uid,
        panel: title,
        refId,
        expr,
        kind: instant ? ('instant' as const) : ('range' as const),
        allowedEmpty: noValue === noDataYet ? undefined : noValue,
      }));
    });
}

/** Every query of every dashboard. */
export function allPanelQueries(): PanelQuery[] {
  return dashboardFiles().flatMap(panelQueries);
}
