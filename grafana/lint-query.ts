/** Rules for one query. That its names exist is checked by the languages themselves: queries/promql.ts and its neighbours. */
import type { SyntaxNode } from '@lezer/common';
import { fleetMetrics } from '../queries/fleet-metrics.ts';
import { withoutMacros } from '../queries/macros.ts';
import { seriesOf } from '../queries/metric.ts';
import { parse } from '../queries/parse.ts';
import { all } from '../queries/parse-tree.ts';
import { stackMetrics } from '../queries/stack-metrics.ts';
import type { BoardPanel } from './lint-board.ts';

type Target = BoardPanel['targets'][number];

/** The rule and what is wrong. */
type Wrong = [rule: string, says: string];

/** Grafana's macros keep their names while the tree is built: a duration that stands for one of them is not a choice. */
const rateInterval = '61s';
const range = '3601s';

export function lintTarget(target: Target, panel: BoardPanel): Wrong[] {
  const { datasource, expr, query, queryType } = target;
  switch (datasource?.type) {
    case 'prometheus':
      return expr ? lintPromql(expr, target, panel) : [['source', `${target.refId} asks nothing`]];
    case 'loki':
      return expr ? [] : [['source', `${target.refId} asks nothing`]];
    case 'tempo':
      return query || queryType === 'serviceMap' ? [] : [['source', `${target.refId} asks nothing`]];
    default:
      return [];
  }
}

function lintPromql(expr: string, { instant, exemplar }: Target, panel: BoardPanel): Wrong[] {
  const text = withoutMacros(expr, { __rate_interval: rateInterval, __interval: rateInterval, __range: range });
  const counters = selectorsOf(text).filter(({ counts }) => counts);
  const latency = panel.type === 'heatmap' || (panel.type === 'timeseries' && panel.fieldConfig.defaults.unit === 's');
  const wrong: Wrong[] = counters
    .filter(({ read }) => !read)
    .map(({ name }) => ['counter', `shows the counter ${name} as it stands, which only ever grows until a restart`]);
  if (!instant) {
    const told = `${panel.title} ${panel.description}`;
    const hidden = counters.find(
      ({ window }) => window && window !== rateInterval && window !== range && !says(told, window),
    );
    if (hidden) {
      const does = `looks ${hidden.window} back at every point and does not say so`;
      wrong.push(['rate-interval', `${does}. Use $__rate_interval, or name the time in its text`]);
    }
    if (latency && text.includes('_bucket') && !exemplar) wrong.push(['exemplars', 'shows latency and no exemplars']);
  }
  return wrong;
}

const read = new Map<string, Selector[]>();

/** Parsed once: pages share queries, and a page is looked at often in the tests. */
function selectorsOf(text: string): Selector[] {
  const known = read.get(text);
  if (known) return known;
  const selectors = all(parse(text).parent as SyntaxNode, 'VectorSelector').map((node) => new Selector(text, node));
  read.set(text, selectors);
  return selectors;
}

const types = new Map([...stackMetrics, ...fleetMetrics].flatMap(seriesOf));

/** A metric in a query, and what is made of it. */
class Selector {
  readonly name: string;
  readonly #text: string;
  readonly #node: SyntaxNode;

  constructor(text: string, node: SyntaxNode) {
    this.#text = text;
    this.#node = node;
    this.name = text.slice(node.from, node.to).match(/^[\w:]+/)?.[0] ?? '';
  }

  get counts(): boolean {
    return types.get(this.name)?.type === 'counter';
  }

  /** Whether something is done with it that a counter can bear. */
  get read(): boolean {
    for (let up = this.#node.parent; up; up = up.parent) {
      const does = this.#text.slice(up.from, up.to).match(/^\w+/)?.[0] ?? '';
      if (up.name === 'FunctionCall' && ofCounters.has(does)) return true;
      if (up.name === 'AggregateExpr' && (does === 'count' || does === 'group')) return true;
      if (up.name === 'BinaryExpr' && /^0 \*/.test(this.#text.slice(up.from, up.to))) return true;
    }
    return false;
  }

  /** How far it looks back; undefined for an instant, and for a look at what there was before the window. */
  get window(): string | undefined {
    const { parent } = this.#node;
    if (this.#within === 'last_over_time') return undefined;
    return parent?.name === 'MatrixSelector'
      ? /\[(\w+)\]$/.exec(this.#text.slice(parent.from, parent.to))?.[1]
      : undefined;
  }

  /** The function it is given to. */
  get #within(): string | undefined {
    for (let up = this.#node.parent; up; up = up.parent) {
      if (up.name === 'FunctionCall') return this.#text.slice(up.from, up.to).match(/^\w+/)?.[0];
    }
    return undefined;
  }
}

const ofCounters = new Set(
  'rate irate increase resets changes timestamp count_over_time max_over_time last_over_time absent absent_over_time'.split(
    ' ',
  ),
);

const units: Record<string, string> = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week' };

/** "in the last 5 minutes", "of the last hour", "5 min". */
function says(told: string, window: string): boolean {
  const [, count = '', unit = ''] = /^(\d+)(\w)$/.exec(window) ?? [];
  const word = units[unit] ?? unit;
  return new RegExp(`\\b${count === '1' ? `(1 |last |an? |per |each )${word}` : `${count} ${word.slice(0, 3)}`}`).test(
    told,
  );
}
