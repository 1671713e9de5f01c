/** What a query can answer: the labels of its series, and whether it may have none. Refuses names that nothing emits. */
import type { SyntaxNode } from '@lezer/common';
import type { Series } from './metric.ts';
import { nearest } from './nearest.ts';

export interface Answer {
  /** Labels its series can carry: what a legend or an alert's text may name. */
  readonly labels: ReadonlySet<string>;
  /** When a healthy stack has no answer; undefined when it always has one. */
  readonly emptyWhen: string | undefined;
}

type Known = ReadonlyMap<string, Series>;

/** Works upwards from the selectors. @throws Error that names the query, what is wrong and the nearest right name. */
export function answer(query: string, top: SyntaxNode, known: Known): Answer {
  const text = (node: SyntaxNode) => query.slice(node.from, node.to);
  const refuse = (why: string): never => {
    throw new Error(`Cannot use "${query}": ${why}`);
  };

  function of(node: SyntaxNode): Answer {
    switch (node.name) {
      case 'VectorSelector':
        return ofSelector(node);
      case 'AggregateExpr':
        return ofAggregate(node);
      case 'FunctionCall':
        return ofFunction(node);
      case 'BinaryExpr':
        return ofBinary(node);
      case 'NumberDurationLiteral':
      case 'StringLiteral':
        return { labels: new Set(), emptyWhen: undefined };
      default:
        // Brackets, signs, offsets and ranges change neither.
        return of(expressions(node)[0] as SyntaxNode);
    }
  }

  function ofSelector(node: SyntaxNode): Answer {
    const found = select(node);
    const labels = union(...found.map((series) => series.labels));
    for (const matcher of node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
      const label = text(matcher.getChild('LabelName') as SyntaxNode);
      if (label !== '__name__') mustHave(labels, label, text(node));
    }
    const waits = found.map(({ metric }) => metric.absentUntil);
    const waitsFor = waits.every((wait) => wait !== undefined) ? waits[0] : undefined;
    return { labels, emptyWhen: waitsFor && `until ${waitsFor}` };
  }

  /** The series that a selector names: one, or with `{__name__=~"a|b"}` several. */
  function select(node: SyntaxNode): Series[] {
    const name = node.getChild('Identifier');
    const names = name ? [text(name)] : namesFromMatcher(node);
    return names.map((each) => {
      const series = known.get(each);
      if (series) return series;
      const guess = nearest(each, known.keys());
      return refuse(`nothing emits ${each}.${guess ? ` Did you mean ${guess}?` : ''}`);
    });
  }

  function namesFromMatcher(node: SyntaxNode): string[] {
    const matcher = /\{__name__=~?"([\w:|]+)"[,}]/.exec(text(node).replace(/\s/g, ''));
    return matcher?.[1]?.split('|') ?? refuse(`${text(node)} names no metric. Write the name before "{".`);
  }

  function ofAggregate(node: SyntaxNode): Answer {
    const operation = node.getChild('AggregateOp')?.firstChild?.name as string;
    const inner = of(expressions(node.getChild('FunctionCallBody') as SyntaxNode).at(-1) as SyntaxNode);
    const modifier = node.getChild('AggregateModifier');
    const grouping = modifier ? namesIn(modifier) : [];
    for (const label of grouping) mustHave(inner.labels, label, text(node));
    if (['Topk', 'Bottomk', 'LimitK', 'LimitRatio'].includes(operation)) return inner;
    const labels = modifier?.getChild('Without') ? minus(inner.labels, grouping) : new Set(grouping);
    return { ...inner, labels: operation === 'CountValues' ? union(labels, [firstString(node)]) : labels };
  }

  function ofFunction(node: SyntaxNode): Answer {
    const name = node.getChild('FunctionIdentifier') as SyntaxNode;
    const operands = expressions(node.getChild('FunctionCallBody') as SyntaxNode);
    checkType(text(name), node);
    const inner = operands.map(of);
    const labels = union(...inner.map((each) => each.labels));
    const emptyWhen = inner.map((each) => each.emptyWhen).find((each) => each !== undefined);
    switch (name.firstChild?.name) {
      case 'Absent':
      case 'AbsentOverTime':
        return { labels, emptyWhen: `while ${operands.map(text).join()} has data` };
      case 'Scalar':
        return { labels: new Set(), emptyWhen: undefined };
      case 'LabelReplace':
      case 'LabelJoin':
        return { labels: union(labels, [firstString(node)]), emptyWhen };
      case 'HistogramQuantile':
        mustHave(labels, 'le', text(node));
        return { labels: minus(labels, ['le']), emptyWhen };
      default:
        return { labels, emptyWhen };
    }
  }

  /** A rate of a gauge and a trend of a counter both parse and both lie. */
  function checkType(name: string, node: SyntaxNode): void {
    const needs = needsType[name];
    const range = needs && node.getChild('FunctionCallBody')?.getChild('MatrixSelector');
    if (!range) return;
    for (const series of select(firstSelector(range))) {
      if (series.type !== needs) {
        refuse(`${name}() is for a ${needs} and ${series.metric.name} is a ${series.metric.type}.`);
      }
    }
  }

  function ofBinary(node: SyntaxNode): Answer {
    const [left, right] = expressions(node).map(of) as [Answer, Answer];
    const operator = (expressions(node)[0]?.nextSibling as SyntaxNode).name;
    const clause = node.getChild('MatchingModifierClause');
    const [matching = [], included = []] = (clause?.getChildren('GroupingLabels') ?? []).map(namesIn);
    const many = clause?.getChild('GroupRight') ? right : left;
    const one = many === left ? right : left;
    if (clause?.getChild('On')) for (const label of matching) mustBeOn(left, right, label, node);
    for (const label of included) mustHave(one.labels, label, text(node));

    const either = left.emptyWhen ?? right.emptyWhen;
    if (operator === 'Or') {
      return { labels: union(left.labels, right.labels), emptyWhen: left.emptyWhen && right.emptyWhen };
    }
    if (operator === 'And' || operator === 'Unless') {
      return { labels: left.labels, emptyWhen: either ?? `unless both sides of "${operator.toLowerCase()}" say so` };
    }
    const filters = comparisons.includes(operator) && !node.getChild('BoolModifier');
    const emptyWhen = filters ? `unless ${text(node)}` : either;
    if (clause?.getChild('GroupLeft') || clause?.getChild('GroupRight')) {
      return { labels: union(many.labels, included), emptyWhen };
    }
    if (clause?.getChild('On')) return { labels: new Set(matching), emptyWhen };
    const vector = expressions(node).map(isScalar)[0] ? right : left;
    return { labels: minus(vector.labels, clause ? matching : []), emptyWhen };
  }

  function mustBeOn(left: Answer, right: Answer, label: string, node: SyntaxNode): void {
    mustHave(left.labels, label, text(node));
    mustHave(right.labels, label, text(node));
  }

  function mustHave(labels: ReadonlySet<string>, label: string, where: string): void {
    if (labels.has(label)) return;
    const guess = nearest(label, labels);
    refuse(
      `there is no label ${label} in ${where}; it has ${[...labels].join(', ') || 'none'}.${guess ? ` Did you mean ${guess}?` : ''}`,
    );
  }

  function namesIn(node: SyntaxNode): string[] {
    const list = node.name === 'GroupingLabels' ? node : (node.getChild('GroupingLabels') as SyntaxNode);
    return [...list.getChildren('LabelName'), ...list.getChildren('QuotedLabelName')].map((label) =>
      text(label).replaceAll('"', ''),
    );
  }

  function firstString(node: SyntaxNode): string {
    const literal = node.getChild('FunctionCallBody')?.getChild('StringLiteral') as SyntaxNode;
    return text(literal).slice(1, -1);
  }

  return of(top);
}
