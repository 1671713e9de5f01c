/** Reads a parsed query from its selectors upwards: which labels can the answer carry, and can it have no series? */
import type { SyntaxNode } from '@lezer/common';
import { cannotMatch } from './matching.ts';
import type { Series } from './metric.ts';
import { nearest } from './nearest.ts';
import { closedValues } from './stored-names.ts';

export interface Answer {
  /** Labels its series can carry: what a legend or an alert's text may name. */
  readonly labels: ReadonlySet<string>;
  /** When a healthy stack has no answer; undefined when it always has one. */
  readonly emptyWhen: string | undefined;
  /** False for a bare number. */
  readonly vector: boolean;
}

/** @throws Error that names the query, the name that nothing emits or that cannot match, and the nearest right one. */
export function answer(query: string, top: SyntaxNode, known: ReadonlyMap<string, Series>): Answer {
  return new Reader(query, known).read(top);
}

const number: Answer = { labels: new Set(), emptyWhen: undefined, vector: false };

class Reader {
  readonly #query: string;
  readonly #known: ReadonlyMap<string, Series>;

  constructor(query: string, known: ReadonlyMap<string, Series>) {
    this.#query = query;
    this.#known = known;
  }

  read(node: SyntaxNode): Answer {
    switch (node.name) {
      case 'VectorSelector':
        return this.#selector(node);
      case 'AggregateExpr':
        return this.#aggregate(node);
      case 'FunctionCall':
        return this.#call(node);
      case 'BinaryExpr':
        return this.#binary(node);
      case 'NumberDurationLiteral':
      case 'StringLiteral':
        return number;
      case 'MatrixSelector':
        return this.#range(node);
      default:
        // Brackets, signs, offsets and subqueries change nothing that we look at.
        return this.read(operands(node)[0] as SyntaxNode);
    }
  }

  #selector(node: SyntaxNode): Answer {
    const series = this.#select(node);
    const labels = union(...series.map((each) => each.labels));
    const matchers = node.getChild('LabelMatchers');
    for (const matcher of ['UnquotedLabelMatcher', 'QuotedLabelMatcher'].flatMap(
      (kind) => matchers?.getChildren(kind) ?? [],
    )) {
      const [label] = this.#names(matcher);
      if (label === '__name__') continue;
      this.#demand(label as string, labels, node);
      if (series.some(({ metric }) => metric.from.includes('application'))) this.#demandValue(label as string, matcher);
    }
    const waits = series.map(({ metric }) => metric.absentUntil);
    const always = waits.includes(undefined);
    return { labels, emptyWhen: always ? undefined : `until ${waits[0]}`, vector: true };
  }

  /** The series that a selector names: one, or with `{__name__=~"a|b"}` several. */
  #select(node: SyntaxNode): Series[] {
    const text = this.#text(node);
    const marked = this.#known.get(text);
    if (marked) return [marked];
    const name = node.getChild('Identifier');
    const names = name ? this.#text(name) : /__name__\s*=~?\s*"([\w:|]+)"/.exec(text)?.[1];
    if (!names) return this.#refuse(`${text} names no metric. Write its name before "{"`);
    const refuse = (each: string) =>
      this.#refuse(`nothing emits ${each}. The nearest name is ${nearest(each, this.#known.keys())}`);
    return names.split('|').map((each) => this.#known.get(each) ?? refuse(each));
  }

  /** The grammar lets a range stand behind any expression; Prometheus does not. */
  #range(node: SyntaxNode): Answer {
    const selector = node.getChild('VectorSelector');
    return this.#selector(selector ?? this.#refuse(`the range of ${this.#text(node)} must follow a metric`));
  }

  #aggregate(node: SyntaxNode): Answer {
    const operator = node.getChild('AggregateOp')?.firstChild?.name as string;
    const inner = this.read(operands(node.getChild('FunctionCallBody')).at(-1) as SyntaxNode);
    const modifier = node.getChild('AggregateModifier');
    const grouping = this.#names(modifier);
    for (const label of grouping) this.#demand(label, inner.labels, node);
    if (['Topk', 'Bottomk', 'LimitK', 'LimitRatio'].includes(operator)) return inner;
    const kept = modifier?.getChild('Without') ? minus(inner.labels, grouping) : new Set(grouping);
    return { ...inner, labels: operator === 'CountValues' ? union(kept, [this.#string(node)]) : kept };
  }

  #call(node: SyntaxNode): Answer {
    const name = this.#text(node.getChild('FunctionIdentifier') as SyntaxNode);
    const given = operands(node.getChild('FunctionCallBody'));
    this.#demandType(name, given[0]);
    const answers = given.map((each) => this.read(each));
    const labels = union(...answers.map((each) => each.labels));
    const emptyWhen = answers.find((each) => each.emptyWhen)?.emptyWhen;
    switch (name) {
      case 'time':
      case 'pi':
      case 'scalar':
        return number;
      case 'absent':
      case 'absent_over_time':
        return { labels, emptyWhen: `while ${this.#text(given[0] as SyntaxNode)} has data`, vector: true };
      case 'label_replace':
      case 'label_join':
        return { labels: union(labels, [this.#string(node)]), emptyWhen, vector: true };
      case 'histogram_quantile':
        this.#demand('le', labels, node);
        return { labels: minus(labels, ['le']), emptyWhen, vector: true };
      default:
        return { labels, emptyWhen, vector: true };
    }
  }

  #binary(node: SyntaxNode): Answer {
    const sides = operands(node);
    const [left, right] = sides.map((side) => this.read(side)) as [Answer, Answer];
    const operator = this.#text(sides[0]?.nextSibling as SyntaxNode).toLowerCase();
    if (operator === 'or') {
      const emptyWhen = left.emptyWhen && right.emptyWhen;
      return { labels: union(left.labels, right.labels), emptyWhen, vector: true };
    }
    const labels = left.vector && right.vector ? this.#meet(node, left, right) : union(left.labels, right.labels);
    const filters = ['and', 'unless', '==', '!=', '<', '<=', '>', '>='].includes(operator);
    const emptyWhen =
      filters && !node.getChild('BoolModifier') ? `unless ${this.#text(node)}` : (left.emptyWhen ?? right.emptyWhen);
    return {
      labels: operator === 'and' || operator === 'unless' ? left.labels : labels,
      emptyWhen,
      vector: left.vector || right.vector,
    };
  }

  /** Two vectors answer only where their labels are equal; the labels of what they answer together. */
  #meet(node: SyntaxNode, left: Answer, right: Answer): ReadonlySet<string> {
    const clause = node.getChild('MatchingModifierClause');
    const [listed = [], included = []] = (clause?.getChildren('GroupingLabels') ?? []).map((each) => this.#names(each));
    const manyOnTheRight = clause?.getChild('GroupRight');
    const [many, one] = manyOnTheRight ? [right, left] : [left, right];
    for (const label of included) this.#demand(label, one.labels, node);
    if (clause?.getChild('On')) {
      for (const label of listed) for (const side of [left, right]) this.#demand(label, side.labels, node);
      return manyOnTheRight || clause.getChild('GroupLeft') ? union(many.labels, included) : new Set(listed);
    }
    const [a, b] = [minus(left.labels, listed), minus(right.labels, listed)];
    if (minus(a, b).size + minus(b, a).size > 0) {
      const both = [a, b].map((labels) => `{${[...labels].join(', ')}}`).join(' and ');
      this.#refuse(`the sides of ${this.#text(node)} never meet: they have the labels ${both}. Add on(…)`);
    }
    return clause?.getChild('GroupLeft') || manyOnTheRight ? union(many.labels, included) : a;
  }

  /** The rate of a gauge and the trend of a counter both parse, and both lie. */
  #demandType(name: string, given: SyntaxNode | undefined): void {
    const type = (rangeTypes as Record<string, Series['type']>)[name];
    const selector = type && given?.name === 'MatrixSelector' ? given.getChild('VectorSelector') : null;
    for (const series of selector ? this.#select(selector) : []) {
      if (series.type !== type) this.#refuse(`${name}() is for a ${type}, and ${series.metric.name} is none`);
    }
  }

  #demand(label: string, labels: ReadonlySet<string>, node: SyntaxNode): void {
    if (labels.has(label)) return;
    const guess = nearest(label, labels);
    this.#refuse(`${this.#text(node)} has no label ${label}. ${guess ? `The nearest is ${guess}` : 'It has none'}`);
  }

  /** `outcome="failed"` finds nothing where the word is `failure`. */
  #demandValue(label: string, matcher: SyntaxNode): void {
    const closed = closedValues.get(label);
    const [operator, value] = [matcher.getChild('MatchOp'), matcher.getChild('StringLiteral')].map((part) =>
      this.#text(part as SyntaxNode),
    ) as [string, string];
    const wrong = closed && cannotMatch(operator, value.slice(1, -1), closed);
    if (wrong) this.#refuse(`of ${label} ${wrong}`);
  }

  /** The labels that a matcher or a list names; a name with a dot stands in quotes. */
  #names(node: SyntaxNode | null): string[] {
    const list = node?.getChild('GroupingLabels') ?? node;
    const named = ['LabelName', 'QuotedLabelName'].flatMap((kind) => list?.getChildren(kind) ?? []);
    return named.map((label) => this.#text(label).replaceAll('"', ''));
  }

  /** The first string argument of a call: the label that it adds. */
  #string(node: SyntaxNode): string {
    return this.#text(node.getChild('FunctionCallBody')?.getChild('StringLiteral') as SyntaxNode).slice(1, -1);
  }

  #text(node: SyntaxNode): string {
    return this.#query.slice(node.from, node.to);
  }

  #refuse(why: string): never {
    throw new Error(`Cannot use "${this.#query}": ${why}.`);
  }
}

const rangeTypes = {
  rate: 'counter',
  irate: 'counter',
  increase: 'counter',
  resets: 'counter',
  delta: 'gauge',
  idelta: 'gauge',
  deriv: 'gauge',
  predict_linear: 'gauge',
} as const;

/** The children that are expressions themselves: names, operators, durations and modifiers are not. */
function operands(node: SyntaxNode | null): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node?.firstChild; child; child = child.nextSibling) {
    if (/(Expr|Selector|FunctionCall|Literal)$/.test(child.name) && !/Duration(Expr|Context)$/.test(child.name)) {
      found.push(child);
    }
  }
  return found;
}

function union(...sets: Iterable<string>[]): Set<string> {
  return new Set(sets.flatMap((set) => [...set]));
}

function minus(labels: Iterable<string>, without: Iterable<string>): Set<string> {
  const gone = new Set(without);
  return new Set([...labels].filter((label) => !gone.has(label)));
}
