/** Grafana's grammars of LogQL and TraceQL, and the few things one does with a tree. */
import { createRequire } from 'node:module';
import type { SyntaxNode } from '@lezer/common';
import type { LRParser } from '@lezer/lr';

// Through require, as in parse.ts: the grammars are CommonJS and must meet one copy of @lezer/lr.
const require = createRequire(import.meta.url);
const grammars = {
  LogQL: (require('@grafana/lezer-logql') as { parser: LRParser }).parser,
  TraceQL: (require('@grafana/lezer-traceql') as { parser: LRParser }).parser,
};

/** The tree of a query. @throws SyntaxError that names the place at which it breaks. */
export function parseTree(language: keyof typeof grammars, text: string): SyntaxNode {
  const tree = grammars[language].parse(text);
  tree.iterate({
    enter(node) {
      if (!node.type.isError) return;
      const at = node.from < text.length ? `at "${text.slice(node.from, node.from + 20)}"` : 'at its end';
      throw new SyntaxError(`Cannot read "${text}" as ${language}: it breaks ${at}.`);
    },
  });
  return tree.topNode;
}

/** Every node of a kind below a node, in the order of the text. */
export function all(node: SyntaxNode, ...kinds: string[]): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (kinds.includes(child.name)) found.push(child);
    found.push(...all(child, ...kinds));
  }
  return found;
}

/** The first child of one of these kinds. */
export function child(node: SyntaxNode, ...kinds: string[]): SyntaxNode | undefined {
  for (let each = node.firstChild; each; each = each.nextSibling) if (kinds.includes(each.name)) return each;
  return undefined;
}

/** Text without the quotes around it. */
export function unquoted(text: string): string {
  return text.replace(/^(["'`])(.*)\1$/s, '$2');
}
