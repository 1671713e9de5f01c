/** What Grafana takes without a word and then shows wrongly, or not at all. Looks at the files, not at their sources. */
import * as v from 'valibot';

const place = v.object({ x: v.number(), y: v.number(), w: v.number(), h: v.number() });

const panel = v.object({
  id: v.optional(v.number()),
  type: v.string(),
  title: v.optional(v.string(), ''),
  description: v.optional(v.string(), ''),
  gridPos: place,
  targets: v.optional(v.array(v.record(v.string(), v.unknown())), []),
  fieldConfig: v.optional(v.object({ defaults: v.record(v.string(), v.unknown()) }), { defaults: {} }),
});

const board = v.looseObject({
  uid: v.string(),
  description: v.optional(v.string(), ''),
  schemaVersion: v.number(),
  editable: v.boolean(),
  refresh: v.string(),
  timezone: v.string(),
  tags: v.array(v.string()),
  panels: v.array(v.object({ ...panel.entries, panels: v.optional(v.array(panel), []) })),
});

type Panel = v.InferOutput<typeof panel>;

/** One sentence per finding; none for a dashboard that follows the rules of the house. */
export function lint(json: unknown): string[] {
  const dashboard = v.parse(board, json);
  const panels = dashboard.panels.flatMap((each) => [each, ...each.panels]);
  const findings: [boolean, string][] = [
    [dashboard.uid.length > 40, `the uid ${dashboard.uid} has more than 40 characters`],
    [dashboard.schemaVersion !== 42, `schemaVersion is ${dashboard.schemaVersion}, not 42`],
    ['rows' in dashboard, '"rows" is not read since schemaVersion 16'],
    [dashboard.editable, 'it is editable'],
    [dashboard.timezone !== 'utc', `its time zone is ${dashboard.timezone}, not utc`],
    [!dashboard.tags.includes('fleetscope'), 'no tag "fleetscope" links it to the others'],
    [dashboard.description === '', 'no description says which question it answers'],
    ...duplicates(panels.map((each) => each.id)).map((id): [boolean, string] => [true, `two panels have the id ${id}`]),
  ];
  return [
    ...findings.filter(([found]) => found).map(([, finding]) => finding),
    ...panels.flatMap((each) => lintPanel(each).map((finding) => `"${each.title}": ${finding}`)),
    // Grafana makes room when it opens a closed row: what is in there meets only its own kind.
    ...[dashboard.panels, ...dashboard.panels.map((each) => each.panels)].flatMap(overlaps),
  ];
}

function lintPanel({ id, type, title, description, gridPos, targets, fieldConfig: { defaults } }: Panel): string[] {
  const findings: [boolean, string][] = [
    [!id, 'has no id, so Grafana drops it when it migrates'],
    [title === '' || title.length > 40, 'its title is not 1 to 40 characters long'],
    [gridPos.x + gridPos.w > 24, `ends in column ${gridPos.x + gridPos.w} of 24`],
  ];
  if (type !== 'row') {
    findings.push(
      [description === '', 'has no description'],
      [!defaults.unit, 'has no unit'],
      [!defaults.noValue, 'does not say why it may be empty (noValue)'],
      [targets.length === 0, 'asks nothing'],
      [targets.some((target) => !target.refId || !target.expr), 'has a target without refId or expr'],
      [duplicates(targets.map((target) => target.refId)).length > 0, 'has two targets with one refId'],
    );
  }
  return findings.filter(([found]) => found).map(([, finding]) => finding);
}

function overlaps(panels: Panel[]): string[] {
  return panels.flatMap((a, at) =>
    panels
      .slice(at + 1)
      .filter((b) => meet(a.gridPos, b.gridPos))
      .map((b) => `"${a.title}" lies on "${b.title}"`),
  );
}

function meet(a: v.InferOutput<typeof place>, b: v.InferOutput<typeof place>): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function duplicates<T>(values: T[]): T[] {
  return values.filter((value, at) => value !== undefined && values.indexOf(value) !== at);
}
