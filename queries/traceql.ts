import type { SyntaxNode } from '@lezer/common';
import type { Attribute } from '../instrumentation/src/catalog/attribute.ts';
import { spans } from '../instrumentation/src/catalog/catalog.ts';
import { prometheusLabel } from '../instrumentation/src/catalog/prometheus-name.ts';
import type { SpanDeclaration } from '../instrumentation/src/catalog/span.ts';
import { withoutMacros } from './macros.ts';
import { cannotMatch } from './matching.ts';
import { nearest } from './nearest.ts';
import { all, child, parseTree, unquoted } from './parse-tree.ts';
import { closedValues, resourceAttributes, spanAttributes, spanEventAttributes, spanEvents } from './stored-names.ts';

/** TraceQL that has been parsed, and whose every span, attribute and closed value something makes. */
export interface TraceQuery {
  readonly language: 'traceql';
  readonly text: string;
  /** Traces that match, or numbers made of them. */
  readonly gives: 'traces' | 'numbers';
  readonly labels: ReadonlySet<string>;
  readonly emptyWhen: string;
}

/** A span stands in a query as the condition on its name, an attribute as `span.<name>`. */
export type TraceHole = SpanDeclaration | Attribute | string | number;

/**
 * Checks a trace query while it is written. (B03)
 * @throws SyntaxError for text that is no TraceQL, Error for a name or a value that nothing makes.
 */
export function traceql({ raw }: TemplateStringsArray, ...holes: TraceHole[]): TraceQuery {
  const text = String.raw({ raw }, ...holes.map(fill));
  const plain = withoutMacros(text);
  const tree = parseTree('TraceQL', plain);
  new Check(plain).all(tree);
  const numbers = all(tree, 'MetricsOperation').length > 0;
  const grouped = all(tree, 'GroupOperation').flatMap((node) => all(node, 'AttributeField', 'IntrinsicField'));
  return {
    language: 'traceql',
    text,
    gives: numbers ? 'numbers' : 'traces',
    labels: new Set(grouped.map(({ from, to }) => plain.slice(from, to))),
    emptyWhen: 'until a service makes such a span',
  };
}

function fill(hole: TraceHole): string {
  if (typeof hole !== 'object') return String(hole);
  if (!('operation' in hole)) return `span.${hole.name}`;
  const pattern = namePattern(hole.name);
  return pattern === undefined ? `name = "${hole.name}"` : `name =~ "${pattern}"`;
}

/** `chat {model}` is `chat .+`; undefined for a name that is always the same. */
function namePattern(name: string): string | undefined {
  if (!name.includes('{')) return undefined;
  return name.replaceAll('.', '[.]').replaceAll(/\{\w+\}/g, '.+');
}

const spanNames = spans.map(({ name }) => name);
/** Spans that the instrumentation of HTTP makes; a route may follow. */
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const scopes: Record<string, ReadonlySet<string>> = {
  span: spanAttributes,
  resource: resourceAttributes,
  event: spanEventAttributes,
};

class Check {
  readonly #query: string;

  constructor(query: string) {
    this.#query = query;
  }

  all(tree: SyntaxNode): void {
    for (const field of all(tree, 'AttributeField')) this.#attribute(field);
    for (const expression of all(tree, 'FieldExpression')) {
      const operator = child(expression, 'FieldOp');
      if (operator) this.#comparison(operator);
    }
  }

  #attribute(field: SyntaxNode): void {
    const name = unquoted(this.#text(field.lastChild as SyntaxNode));
    const scope = this.#text(field).match(/^(?:parent\.)?(span|resource|event)\./)?.[1];
    const known = scope && scopes[scope];
    if (!known) this.#refuse(`${this.#text(field)} has no scope. Write span.${name} or resource.${name}`);
    if (known.has(name)) return;
    this.#refuse(`no ${scope} has ${name}. The nearest name is ${scope}.${nearest(name, known)}`);
  }

  #comparison(operator: SyntaxNode): void {
    const [left = '', right = ''] = [operator.prevSibling, operator.nextSibling].map((side) =>
      this.#text(side as SyntaxNode),
    );
    if (!/^["`]/.test(right)) return;
    const wrong = wrongValue(left, this.#text(operator), unquoted(right));
    if (wrong) this.#refuse(wrong);
  }

  #text(node: SyntaxNode): string {
    return this.#query.slice(node.from, node.to);
  }

  #refuse(why: string): never {
    throw new Error(`Cannot use "${this.#query}": ${why}.`);
  }
}

/** What is wrong with a comparison of a field with a text; undefined for nothing. */
function wrongValue(field: string, operator: string, value: string): string | undefined {
  if (field === 'trace:id') {
    return 'trace:id finds no id that begins with 0, because Tempo keeps ids without it. Open the trace by its id';
  }
  if (['name', 'span:name', 'rootName', 'trace:rootName'].includes(field)) return wrongName(operator, value);
  const attribute = prometheusLabel(field.replace(/^(parent\.)?(span|resource)\./, ''));
  const closed = field === 'event:name' ? spanEvents : closedValues.get(attribute);
  const wrong = closed && cannotMatch(operator, value, closed);
  return wrong && `of ${field} ${wrong}`;
}

function wrongName(operator: string, value: string): string | undefined {
  if (value.includes('$') || /^\.[*+]$/.test(value)) return undefined;
  const literally = value.replaceAll(/[.*+?^()|[\]\\{}]/g, '\\$&');
  const pattern = new RegExp(`^(?:${operator.includes('~') ? value : literally})$`);
  const known = spanNames.some(
    (name) =>
      pattern.test(name.replaceAll(/\{\w+\}/g, 'x')) || new RegExp(`^${namePattern(name) ?? name}$`).test(value),
  );
  if (known || methods.some((method) => value.startsWith(method) || pattern.test(method))) return undefined;
  return `nothing makes the span ${value}. The nearest name is ${nearest(value, spanNames)}`;
}
