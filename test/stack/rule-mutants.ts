/** Rules with one mistake each: what a slip of the hand, or a bad merge, would make of the files that Prometheus loads. */
import { duration, seconds } from '../../prometheus/kit/duration.ts';
import { parse } from '../../queries/parse.ts';

/** A rule as it stands in a rule file. */
export interface RuleInFile {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Mutant {
  /** What was changed, for people. */
  readonly change: string;
  readonly rule: RuleInFile;
}

/** Every mutant of a rule: one change in its query, its times, its labels or its texts. */
export function mutantsOf(rule: RuleInFile): Mutant[] {
  const { labels = {}, annotations = {}, for: wait, keep_firing_for: keep } = rule;
  const { keep_firing_for: _, ...forgetful } = rule;
  return [
    ...expressions(rule.expr).map(({ change, expr }) => ({ change, rule: { ...rule, expr } })),
    ...(wait === undefined
      ? []
      : ['0s', times(wait, 3)].map((other) => ({ change: `for ${wait} → ${other}`, rule: { ...rule, for: other } }))),
    ...(keep === undefined
      ? []
      : [
          { change: 'no keep_firing_for', rule: forgetful },
          { change: `keep_firing_for ${keep} × 3`, rule: { ...rule, keep_firing_for: times(keep, 3) } },
        ]),
    ...Object.entries(labels).map(([name, value]) => ({
      change: `label ${name}`,
      rule: { ...rule, labels: { ...labels, [name]: `${value}x` } },
    })),
    ...Object.entries(annotations).map(([name, text]) => ({
      change: `annotation ${name}`,
      rule: { ...rule, annotations: { ...annotations, [name]: `${text} ` } },
    })),
  ];
}

/** Every query that differs from `expr` in one place. */
function expressions(expr: string): { change: string; expr: string }[] {
  const found: { change: string; expr: string }[] = [];
  parse(expr)
    .cursor()
    .iterate((node) => {
      const text = expr.slice(node.from, node.to);
      for (const other of others(node.name, text, node.node.parent?.name ?? '')) {
        found.push({
          change: `${text} → ${other} in …${expr.slice(Math.max(0, node.from - 20), node.to + 12)}…`,
          expr: expr.slice(0, node.from) + other + expr.slice(node.to),
        });
      }
    });
  return found;
}

const swapped: Record<string, string> = {
  Gtr: '<',
  Gte: '<',
  Lss: '>',
  Lte: '>',
  Eqlc: '!=',
  And: 'or',
  Or: 'and',
  Unless: 'and',
  Div: '*',
  Sub: '+',
};

/** What may be written by mistake instead of one word of a query. */
function others(kind: string, text: string, parent: string): string[] {
  switch (kind) {
    case 'NumberDurationLiteral':
      return numbers(Number(text));
    case 'Identifier':
      return [`${text}_x`];
    case 'LabelName':
      return parent === 'GroupingLabels' ? [text === 'job' ? 'instance' : 'job'] : [];
    case 'StringLiteral':
      return parent.endsWith('LabelMatcher') ? [`"x${text.slice(1)}`] : [];
    case 'DurationExpr':
      return parent === 'MatrixSelector' ? [times(text, 3)] : [];
    case 'OffsetDurationExpr':
      return [times(text, 3)];
    default:
      return swapped[kind] ? [swapped[kind]] : [];
  }
}

/** A whole number is off by one, any other by a fifth. */
function numbers(value: number): string[] {
  if (value === 0) return ['1'];
  const near = Number.isInteger(value) && value <= 20 ? [value + 1, value - 1] : [value * 1.2, value * 0.8];
  return near.map((other) => String(Number(other.toPrecision(6))));
}

function times(given: string, factor: number): string {
  return duration(seconds(given) * factor);
}
