/** Filters on labels, for expressions: PromQL has them for metrics only. */
import type { SyntaxNode } from '@lezer/common';

export interface Matcher {
  /** As it stands in the selector. */
  text: string;
  label: string;
  operator: '=' | '!=' | '=~' | '!~';
  /** An anchored pattern, as a PromQL string literal. */
  pattern: string;
}

/** Those of a selector. */
export function matchersOf(selector: SyntaxNode, text: string): Matcher[] {
  const list = selector.getChild('LabelMatchers');
  const part = (matcher: SyntaxNode, ...kinds: string[]) => {
    const found = kinds.map((kind) => matcher.getChild(kind)).find((each) => each !== null) as SyntaxNode;
    return text.slice(found.from, found.to);
  };
  return ['UnquotedLabelMatcher', 'QuotedLabelMatcher']
    .flatMap((kind) => list?.getChildren(kind) ?? [])
    .map((matcher) => {
      const operator = part(matcher, 'MatchOp') as Matcher['operator'];
      const literal = part(matcher, 'StringLiteral');
      return {
        text: text.slice(matcher.from, matcher.to),
        label: part(matcher, 'LabelName', 'QuotedLabelName').replaceAll('"', ''),
        operator,
        pattern: operator.includes('~') ? literal : JSON.stringify(escaped(unquoted(literal))),
      };
    });
}

/** Whether a value passes. */
export function passes(value: string, { operator, pattern }: Matcher): boolean {
  return new RegExp(`^(?:${unquoted(pattern)})$`, 's').test(value) !== operator.startsWith('!');
}

/** The label that filters an expression; no series of ours has it. */
const mark = 'fleetscope_kept';

/** What of an expression passes: those that match are marked, and joined with the mark. */
export function filtered(expr: string, { label, operator, pattern }: Matcher): string {
  const marked = `label_replace(${expr}, "${mark}", "yes", "${label}", ${pattern})`;
  const marks = `label_replace(vector(1), "${mark}", "yes", "", "")`;
  if (operator.startsWith('!')) return `${marked} unless on (${mark}) ${marks}`;
  return `label_replace(${marked} and on (${mark}) ${marks}, "${mark}", "", "", "")`;
}

/** As a pattern of RE2 that matches nothing else. */
function escaped(value: string): string {
  return value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** What a string literal says, in any of Prometheus' three kinds of quotes. */
export function unquoted(literal: string): string {
  const inner = literal.slice(1, -1);
  if (literal.startsWith('`')) return inner;
  return JSON.parse(`"${inner.replaceAll("\\'", "'").replaceAll(/(?<!\\)"/g, '\\"')}"`) as string;
}
