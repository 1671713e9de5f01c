import type { SyntaxNode } from '@lezer/common';
import type { Attribute } from '../instrumentation/src/catalog/attribute.ts';
import type { EventDeclaration } from '../instrumentation/src/catalog/event.ts';
import { prometheusLabel } from '../instrumentation/src/catalog/prometheus-name.ts';
import { withoutMacros } from './macros.ts';
import { cannotMatch } from './matching.ts';
import { nearest } from './nearest.ts';
import { all, child, parseTree, unquoted } from './parse-tree.ts';
import { closedValues, logAttributes, streamLabels } from './stored-names.ts';

/** LogQL that has been parsed, and whose every label, attribute, event and closed value something writes. */
export interface LogQuery {
  readonly language: 'logql';
  readonly text: string;
  /** Lines as they are, or numbers made of them. */
  readonly gives: 'lines' | 'numbers';
  /** Labels that the numbers can carry: what a legend may name. */
  readonly labels: ReadonlySet<string>;
  readonly emptyWhen: string | undefined;
}

/** An event stands in a query as its name in quotes, an attribute under the name that Loki has for it. */
export type LogHole = EventDeclaration | Attribute | LogQuery | string | number;

/**
 * Checks a log query while it is written. (B03)
 * @throws SyntaxError for text that is no LogQL, Error for a name or a value that nothing writes.
 */
export function logql({ raw }: TemplateStringsArray, ...holes: LogHole[]): LogQuery {
  const text = String.raw({ raw }, ...holes.map(fill));
  const plain = withoutMacros(text);
  const tree = parseTree('LogQL', plain);
  new Check(plain).all(tree);
  const numbers = all(tree, 'MetricExpr')[0];
  const always = all(tree, 'VectorExpr').length > 0;
  return {
    language: 'logql',
    text,
    gives: numbers ? 'numbers' : 'lines',
    labels: numbers ? labelsOf(numbers, plain) : logAttributes,
    emptyWhen: always ? undefined : 'until a service writes such a record',
  };
}

function fill(hole: LogHole): string {
  if (typeof hole !== 'object') return String(hole);
  if ('text' in hole) return hole.text;
  return 'severity' in hole ? `"${hole.name}"` : prometheusLabel(hole.name);
}

class Check {
  readonly #query: string;

  constructor(query: string) {
    this.#query = query;
  }

  all(tree: SyntaxNode): void {
    for (const parser of all(
      tree,
      'LabelParser',
      'LabelExtractionExpression',
      'JsonExpressionParser',
      'LogfmtParser',
    )) {
      const stage = this.#text(parser);
      this.#refuse(`"| ${stage}" makes labels that nobody declared. The fields of a record are there without it`);
    }
    const written = new Set(all(tree, 'LabelFormatMatcher').map((node) => this.#name(node)));
    for (const selector of all(tree, 'Selector')) this.#selector(selector);
    for (const node of all(tree, 'Matcher')) if (!within(node, 'Selector')) this.#matcher(node, logAttributes, written);
    for (const node of all(
      tree,
      'NumberFilter',
      'DurationFilter',
      'BytesFilter',
      'UnitFilter',
      'DropLabel',
      'KeepLabel',
    )) {
      if (child(node, 'Identifier')) this.#demand(this.#name(node), logAttributes, written);
    }
    for (const node of all(tree, 'UnwrapExpr')) {
      if (child(node, 'Unwrap')) this.#demand(this.#name(node), logAttributes, written);
    }
    for (const list of all(tree, 'Labels')) {
      for (const label of all(list, 'Identifier')) this.#demand(this.#text(label), logAttributes, written);
    }
    for (const format of all(tree, 'LineFormatExpr', 'LabelFormatMatcher')) {
      for (const [, label = ''] of this.#text(format).matchAll(/\{\{[^}]*?\.(\w+)/g)) {
        this.#demand(label, logAttributes, written);
      }
    }
  }

  /** Loki searches every stream unless a matcher narrows it, and refuses to. */
  #selector(selector: SyntaxNode): void {
    const matchers = all(selector, 'Matcher');
    for (const node of matchers) this.#matcher(node, streamLabels);
    const narrow = matchers.some((node) => {
      const [operator, value] = this.#comparison(node);
      return operator === '=' ? value !== '' : operator === '=~' && !new RegExp(`^(?:${value})$`).test('');
    });
    if (!narrow) this.#refuse('nothing between its braces must have a value. Begin with {service_name=~".+"}');
  }

  #matcher(node: SyntaxNode, known: ReadonlySet<string>, written?: ReadonlySet<string>): void {
    const label = this.#name(node);
    if (known === streamLabels && !known.has(label) && logAttributes.has(label)) {
      this.#refuse(`${label} is not in Loki's index. Write | ${label}=… behind the braces`);
    }
    this.#demand(label, known, written);
    const closed = closedValues.get(label);
    const [operator, value] = this.#comparison(node);
    const wrong = closed && cannotMatch(operator, value, closed);
    if (wrong) this.#refuse(`of ${label} ${wrong}`);
  }

  #comparison(node: SyntaxNode): [operator: string, value: string] {
    const [, operator, value] = /^[\w.]+\s*(=~|!~|!=|=)\s*(.*)$/s.exec(this.#text(node)) ?? [];
    return [operator as string, unquoted(value as string)];
  }

  #demand(label: string, known: ReadonlySet<string>, written: ReadonlySet<string> = new Set()): void {
    // Loki's own, on a line that a stage could not read.
    if (known.has(label) || written.has(label) || label.startsWith('__')) return;
    this.#refuse(`no log record has ${label}. The nearest name is ${nearest(label, known)}`);
  }

  #name(node: SyntaxNode): string {
    return this.#text(child(node, 'Identifier') ?? (all(node, 'Identifier')[0] as SyntaxNode));
  }

  #text(node: SyntaxNode): string {
    return this.#query.slice(node.from, node.to);
  }

  #refuse(why: string): never {
    throw new Error(`Cannot use "${this.#query}": ${why}.`);
  }
}

function within(node: SyntaxNode, kind: string): boolean {
  for (let up = node.parent; up; up = up.parent) if (up.name === kind) return true;
  return false;
}

/** The labels of the outermost grouping; without one a number has all that its lines have. */
function labelsOf(node: SyntaxNode, query: string): ReadonlySet<string> {
  const operation = child(
    node,
    'VectorAggregationExpr',
    'RangeAggregationExpr',
    'BinOpExpr',
    'LabelReplaceExpr',
    'VectorExpr',
  );
  const grouping = operation && child(operation, 'Grouping');
  const listed = (grouping ? all(grouping, 'Identifier') : []).map(({ from, to }) => query.slice(from, to));
  switch (operation?.name) {
    case 'VectorExpr':
      return new Set();
    case 'BinOpExpr':
      return new Set(
        operation
          .getChildren('Expr')
          .flatMap((side) => all(side, 'MetricExpr').slice(0, 1))
          .flatMap((side) => [...labelsOf(side, query)]),
      );
    case 'LabelReplaceExpr': {
      const inner = child(operation, 'MetricExpr') as SyntaxNode;
      const made = child(operation, 'String') as SyntaxNode;
      return new Set([...labelsOf(inner, query), unquoted(query.slice(made.from, made.to))]);
    }
    case 'VectorAggregationExpr': {
      const kept = /^(topk|bottomk|sort|sort_desc)$/.test(query.slice(operation.from).match(/^\w+/)?.[0] ?? '');
      const inner = child(operation, 'MetricExpr') as SyntaxNode;
      if (kept) return labelsOf(inner, query);
      if (grouping && child(grouping, 'Without'))
        return new Set([...labelsOf(inner, query)].filter((label) => !listed.includes(label)));
      return new Set(listed);
    }
    default:
      return grouping && child(grouping, 'By') ? new Set(listed) : logAttributes;
  }
}
