/** Pushes a filter on labels into an expression, down to the selectors in it: less to compute than filtering its answer. */
import type { SyntaxNode } from '@lezer/common';
import { parse } from '../../queries/parse.ts';
import { filtered, type Matcher, passes, unquoted } from './matchers.ts';

/** The expression with only the series that pass; undefined when none can. */
export function narrow(expr: string, matchers: readonly Matcher[]): string | undefined {
  return matchers.length === 0 ? expr : new Narrowing(expr).of(parse(expr), matchers);
}

/** Functions whose answer has the labels of what they are given. */
const keepsLabels =
  /^(rate|i?rate|increase|i?delta|deriv|changes|resets|(avg|min|max|sum|count|last|present|stddev|stdvar|quantile)_over_time|clamp(_min|_max)?|abs|ceil|floor|round|exp|ln|log2|log10|sqrt|sgn|timestamp)$/;
const groups = ['Sum', 'Min', 'Max', 'Avg', 'Count', 'Group', 'Stddev', 'Stdvar'];

class Narrowing {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  of(node: SyntaxNode, matchers: readonly Matcher[]): string | undefined {
    switch (node.name) {
      case 'VectorSelector':
        return this.#selector(node, matchers);
      case 'ParenExpr':
      case 'MatrixSelector':
      case 'SubqueryExpr':
        return this.#around(node, operands(node)[0] as SyntaxNode, matchers);
      case 'OffsetExpr':
      case 'StepInvariantExpr': {
        const [inner] = operands(node);
        // The grammar gives an offset to the whole of `a + b offset 5m`.
        return inner?.name === 'BinaryExpr'
          ? this.#outside(node, matchers)
          : this.#around(node, inner as SyntaxNode, matchers);
      }
      case 'BinaryExpr':
        return this.#binary(node, matchers);
      case 'FunctionCall':
        return this.#call(node, matchers);
      case 'AggregateExpr':
        return this.#aggregate(node, matchers);
      default:
        return this.#outside(node, matchers);
    }
  }

  #selector(node: SyntaxNode, matchers: readonly Matcher[]): string {
    const text = this.#slice(node);
    const more = matchers.map(({ text }) => text).join(',');
    if (!text.endsWith('}')) return `${text}{${more}}`;
    const before = text.slice(0, -1).trimEnd();
    return `${before}${/[{,]$/.test(before) ? '' : ','}${more}}`;
  }

  /** The text of a node with one of its parts narrowed. */
  #around(node: SyntaxNode, part: SyntaxNode, matchers: readonly Matcher[]): string | undefined {
    const narrowed = this.of(part, matchers);
    return narrowed && this.#text.slice(node.from, part.from) + narrowed + this.#text.slice(part.to, node.to);
  }

  #binary(node: SyntaxNode, matchers: readonly Matcher[]): string | undefined {
    const [left, right] = operands(node) as [SyntaxNode, SyntaxNode];
    const between = this.#text.slice(left.to, right.from);
    const plain = !node.getChild('MatchingModifierClause');
    if (node.getChild('And') || node.getChild('Unless')) return this.#around(node, left, matchers);
    if (node.getChild('Or') && plain) {
      const sides = [left, right].map((side) => this.of(side, matchers)).filter((side) => side !== undefined);
      return sides.length > 0 ? sides.join(between) : undefined;
    }
    const numbers = [left, right].filter((side) => this.#isNumber(side));
    if (numbers.length === 1) return this.#around(node, this.#isNumber(left) ? right : left, matchers);
    // Equal labels meet: what does not pass on one side meets nothing on the other.
    if (!plain || numbers.length === 2 || node.getChild('Or')) return this.#outside(node, matchers);
    const sides = [left, right].map((side) => this.of(side, matchers));
    return sides.includes(undefined) ? undefined : sides.join(between);
  }

  #call(node: SyntaxNode, matchers: readonly Matcher[]): string | undefined {
    const name = this.#slice(node.getChild('FunctionIdentifier') as SyntaxNode);
    const given = operands(node.getChild('FunctionCallBody'));
    if (name === 'label_replace') return this.#labelReplace(node, given, matchers);
    const vector = given.find((each) => !this.#isNumber(each));
    if (vector && keepsLabels.test(name)) return this.#around(node, vector, matchers);
    return this.#outside(node, matchers);
  }

  /** A label that it sets for every series passes or does not; the others are those of its series. */
  #labelReplace(node: SyntaxNode, given: readonly SyntaxNode[], matchers: readonly Matcher[]): string | undefined {
    const [label, value, source, pattern] = given.slice(1).map((each) => unquoted(this.#slice(each)));
    const own = matchers.filter((matcher) => matcher.label === label);
    const others = matchers.filter((matcher) => matcher.label !== label);
    const constant = source === '' && pattern === '' && !value?.includes('$');
    if (constant && !own.every((matcher) => passes(value as string, matcher))) return undefined;
    const inner = others.length > 0 ? this.#around(node, given[0] as SyntaxNode, others) : this.#slice(node);
    return constant ? inner : inner && enclosed(own.reduce(filtered, inner), own);
  }

  #aggregate(node: SyntaxNode, matchers: readonly Matcher[]): string | undefined {
    const operator = node.getChild('AggregateOp')?.firstChild?.name as string;
    const modifier = node.getChild('AggregateModifier');
    const body = operands(node.getChild('FunctionCallBody'))[0];
    if (!groups.includes(operator) || modifier?.getChild('Without') || !body) return this.#outside(node, matchers);
    const by = (modifier?.getChild('GroupingLabels')?.getChildren('LabelName') ?? []).map((each) => this.#slice(each));
    const [kept, gone] = [true, false].map((is) => matchers.filter(({ label }) => by.includes(label) === is));
    if (!gone?.every((matcher) => passes('', matcher))) return undefined;
    return kept?.length ? this.#around(node, body, kept) : this.#slice(node);
  }

  #outside(node: SyntaxNode, matchers: readonly Matcher[]): string {
    return enclosed(matchers.reduce(filtered, this.#slice(node)), matchers);
  }

  /** A number, not a vector: it has no labels. */
  #isNumber(node: SyntaxNode): boolean {
    if (node.name === 'FunctionCall') {
      return ['time', 'pi', 'scalar'].includes(this.#slice(node.getChild('FunctionIdentifier') as SyntaxNode));
    }
    if (node.name === 'VectorSelector' || node.name === 'AggregateExpr') return false;
    for (let child = node.firstChild; child; child = child.nextSibling) if (!this.#isNumber(child)) return false;
    return true;
  }

  #slice({ from, to }: SyntaxNode): string {
    return this.#text.slice(from, to);
  }
}

function enclosed(expr: string, matchers: readonly Matcher[]): string {
  return matchers.length > 0 ? `(${expr})` : expr;
}

/** The expressions among a node's parts. */
function operands(node: SyntaxNode | null): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child; child = child.nextSibling)
    if (/Expr$|Selector$|Literal$|FunctionCall$/.test(child.name) && child.name !== 'DurationExpr') found.push(child);
  return found;
}
