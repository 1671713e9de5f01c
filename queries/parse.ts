/** Prometheus' own editor parser and type checker, run without an editor. */
import { createRequire } from 'node:module';
import type * as language from '@codemirror/language';
import type * as state from '@codemirror/state';
import type { SyntaxNode } from '@lezer/common';
import type * as grammar from '@prometheus-io/lezer-promql';

// All through require: the checker is CommonJS, and must meet the same copy of @codemirror/language as we use.
const require = createRequire(import.meta.url);
const { LRLanguage, ensureSyntaxTree } = require('@codemirror/language') as typeof language;
const { EditorState } = require('@codemirror/state') as typeof state;
const { parser } = require('@prometheus-io/lezer-promql') as typeof grammar;
const { Parser } = require('@prometheus-io/codemirror-promql/dist/cjs/parser/parser.js') as {
  Parser: new (
    state: state.EditorState,
  ) => { analyze(): void; getDiagnostics(): { message: string; from: number; to: number }[] };
};

const promql = LRLanguage.define({ parser: parser.configure({ top: 'PromQL' }) });
const parseLimitMs = 10_000;

/** One group of rules is written for each place and size, and a dashboard's query is linted after it was written: the same texts again and again. */
const parsed = new Map<string, SyntaxNode>();

/** The expression at the top of a query. @throws SyntaxError that names the place, or the types that do not fit. */
export function parse(text: string): SyntaxNode {
  const before = parsed.get(text);
  if (before) return before;
  const top = checked(text);
  parsed.set(text, top);
  return top;
}

function checked(text: string): SyntaxNode {
  const fresh = EditorState.create({ doc: text, extensions: [promql] });
  // An editor may parse in slices; we want the whole tree now, on a slow machine too.
  const tree = ensureSyntaxTree(fresh, text.length, parseLimitMs);
  if (!tree) throw new SyntaxError(`Cannot read "${text}" as PromQL within ${parseLimitMs} ms.`);
  tree.iterate({
    enter(node) {
      if (node.type.isError)
        throw new SyntaxError(`Cannot read "${text}" as PromQL: it breaks ${at(text, node.from)}.`);
    },
  });
  const check = new Parser(fresh.update({}).state);
  check.analyze();
  const [first] = check.getDiagnostics();
  if (first) throw new SyntaxError(`Cannot use "${text}": ${first.message} in "${text.slice(first.from, first.to)}".`);
  return tree.topNode.firstChild as SyntaxNode;
}

function at(text: string, position: number): string {
  return position < text.length ? `at "${text.slice(position, position + 20)}"` : 'at its end';
}
