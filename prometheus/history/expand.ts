/**
 * Puts the expressions of recording rules in the place of their names, so that a rule can be asked of a time in which
 * its recordings did not exist yet, or were defined otherwise.
 */
import type { SyntaxNode } from '@lezer/common';
import { parse } from '../../queries/parse.ts';
import { matchersOf } from './matchers.ts';
import { narrow } from './narrow.ts';
import type { RecordingRule } from './rule-files.ts';

/**
 * An expression without recorded names. Where a range of a recording is asked, a subquery at the interval of its rule
 * gives the samples that it would have stored. A recording that needs itself stays as it is.
 */
export function expand(expr: string, recordings: readonly RecordingRule[], interval: number): string {
  return new Expansion(recordings, interval).of(expr, []);
}

class Expansion {
  readonly #byName: ReadonlyMap<string, readonly RecordingRule[]>;
  readonly #interval: number;

  constructor(recordings: readonly RecordingRule[], interval: number) {
    this.#byName = Map.groupBy(recordings, ({ name }) => name);
    this.#interval = interval;
  }

  of(expr: string, inside: readonly string[]): string {
    // From the end, so that the places before stay what they are.
    const replaced = this.#selectors(parse(expr), expr)
      .filter(({ name }) => this.#byName.has(name) && !inside.includes(name))
      .sort((a, b) => b.node.from - a.node.from);
    return replaced.reduce((text, { node, name }) => this.#replace(text, node, name, inside), expr);
  }

  #selectors(node: SyntaxNode, text: string): { node: SyntaxNode; name: string }[] {
    if (node.name === 'VectorSelector') {
      const name = node.getChild('Identifier');
      return name ? [{ node, name: text.slice(name.from, name.to) }] : [];
    }
    const found: { node: SyntaxNode; name: string }[] = [];
    for (let child = node.firstChild; child; child = child.nextSibling) found.push(...this.#selectors(child, text));
    return found;
  }

  /** `text` has changed behind `node` only. */
  #replace(text: string, node: SyntaxNode, name: string, inside: readonly string[]): string {
    const recordings = this.#byName.get(name) as RecordingRule[];
    const step = `${recordings[0]?.interval ?? this.#interval}s`;
    const matchers = matchersOf(node, text);
    const kept = anyOf(
      recordings.flatMap(({ expr, labels }) => {
        const narrowed = narrow(labelled(expr, labels), matchers);
        return narrowed === undefined ? [] : [this.of(narrowed, [...inside, name])];
      }),
    );
    const put = (from: number, to: number, by: string) => text.slice(0, from) + by + text.slice(to);
    if (node.parent?.name === 'MatrixSelector') {
      const { to } = node.parent;
      const range = text.slice(node.to, to).trim().slice(1, -1);
      return put(node.from, to, `${bracketed(kept)}[${range}:${step}]`);
    }
    const modifiers = modifiersBehind.exec(text.slice(node.to))?.[0];
    if (!modifiers) return put(node.from, node.to, bracketed(kept));
    // An offset stands behind a name or a range only: the one sample that was stored then.
    const then = `last_over_time(${bracketed(kept)}[${step}:${step}]${modifiers})`;
    return put(node.from, node.to + modifiers.length, then);
  }
}

/** Read from the text: the grammar gives an offset to the whole of `a + b offset 5m`, Prometheus to `b`. */
const modifiersBehind = /^(?:\s*(?:offset\s+[-+]?\s*\w+|@\s*(?:(?:start|end)\s*\(\s*\)|[\d.]+)))+/i;

function labelled(expr: string, labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).reduce(
    (text, [label, value]) =>
      `label_replace(${text}, "${label}", ${JSON.stringify(value.replaceAll('$', '$$$$'))}, "", "")`,
    expr,
  );
}

function bracketed(expr: string): string {
  return `(${expr})`;
}

/** All of these; where none is left, nothing. */
function anyOf(exprs: readonly string[]): string {
  if (exprs.length === 0) return 'vector(0) > 0';
  return exprs.length === 1 ? (exprs[0] as string) : exprs.map(bracketed).join(' or ');
}
