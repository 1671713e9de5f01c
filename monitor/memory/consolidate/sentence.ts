/** What is found, as a sentence for people; and whether a sentence says nothing that was not found. */
import { plain, unescaped } from '../../markdown.ts';
import { count, duration, money, share } from '../../words.ts';
import type { Finding, FindingKind } from '../record.ts';
import type { Lesson } from './lessons.ts';

/**
 * One sentence, without its evidence.
 * @param said how a name is written; default: as text of a page. For a terminal: `oneLine`.
 */
export function sentence(
  { kind, direction, numbers, words, effect, low, high }: Finding,
  said: (name: string) => string = plain,
): string {
  const n = (name: string) => numbers[name] ?? Number.NaN;
  const w = (name: string) => said(words[name] ?? '');
  switch (kind) {
    case 'agent-task': {
      const counts = `${n('failed')} of ${n('ended')} failed (${share(n('share'))}), ${w('against')}: ${n('others_failed')} of ${n('others_ended')} (${share(n('others_share'))})`;
      return direction === 1
        ? `${w('agent')} fails at ${w('operation')}: ${counts}.`
        : `${w('agent')} no longer fails at ${w('operation')}: ${counts}.`;
    }
    case 'model-choice': {
      const [own, other] = [money(n('cost_micro_usd')), money(n('other_cost_micro_usd'))];
      const failures = `${n('failed')} of ${n('ended')} failed, against ${n('other_failed')} of ${n('other_ended')}`;
      return direction === 1
        ? `For ${w('operation')}, ${w('model')} costs ${own} where ${w('instead_of')} costs ${other} (${between(low, high)}), and fails no more: ${failures}.`
        : `For ${w('operation')}, ${w('model')} is no longer the better choice than ${w('instead_of')}: ${own} against ${other}; ${failures}.`;
    }
    case 'batch-size':
    case 'tool-choice': {
      const [own, other] = [money(n('cost_micro_usd')), money(n('other_cost_micro_usd'))];
      const failures = `${n('failed')} of ${n('ended')} failed, against ${n('other_failed')} of ${n('other_ended')}`;
      const who = `${w('agent')} at ${w('operation')}${words.model ? ` with ${w('model')}` : ''}`;
      const [way, instead] = [w('way'), w('instead_of')];
      if (direction !== 1) {
        const not = `${kind === 'batch-size' ? way : `the tools ${way}`} is no longer the better choice than ${instead}`;
        return `${who}: ${not}: ${own} against ${other}; ${failures}.`;
      }
      const said =
        kind === 'batch-size'
          ? `given ${way} at once, a task costs ${own}, given ${instead} ${other}`
          : `with the tools ${way} it costs ${own}, with ${instead} ${other}`;
      return `${who}: ${said} (${between(low, high)}); it fails no more: ${failures}.`;
    }
    case 'regression':
    case 'improvement': {
      const [what, unit] = measures[words.measure ?? ''] as [string, (value: number) => string];
      const change =
        words.measure === 'share_failed'
          ? `by ${share(Math.abs(effect))}`
          : isOfNothing(numbers)
            ? `by ${byMoney(low, high)}`
            : between(low, high);
      return `${[w('agent'), w('operation')].filter(Boolean).join(' ')}: the ${what} ${kind === 'regression' ? 'rose' : 'fell'} from ${unit(n('before'))} to ${unit(n('after'))} (${change}; ${n('before_ended')} and ${n('ended')} tasks).`;
    }
    case 'recurring-error':
      return `${w('error_type')} ${w('fingerprint')} came on ${n('days')} days, ${n('times')} times${numbers.cost_micro_usd === undefined ? '' : `, and cost ${money(n('cost_micro_usd'))}`}.`;
    case 'quiet-error':
      return `${w('error_type')} ${w('fingerprint')} has not been seen since ${w('gone_after')}: it seems to be gone.`;
    case 'returned-error':
      return `${w('error_type')} ${w('fingerprint')} is back since ${w('back_on')}; it had been gone after ${w('gone_after')}.`;
  }
}

const measures: Record<string, [string, (value: number) => string]> = {
  p50_ms: ['median time', duration],
  p95_ms: ['95th percentile of the time', duration],
  share_failed: ['share that fails', share],
  p50_cost_micro_usd: ['median cost', money],
};

/** The change lies between the two. */
function between(low: number | null, high: number | null): string {
  const end = (value: number | null) => (value === null ? '?' : `${value > 0 ? '+' : ''}${Math.round(value * 100)}`);
  return `${end(low)} to ${end(high)} %`;
}

/** Of what was nothing, and of what became nothing, there is no share. */
function isOfNothing({ before, after }: Finding['numbers']): boolean {
  return before === 0 || after === 0;
}

function byMoney(low: number | null, high: number | null): string {
  const ends = [low, high].map((end) => (end === null ? null : Math.abs(end)));
  const [least, most] = ends.sort((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY));
  return `${least === null || least === undefined ? '?' : money(least)} to ${most === null || most === undefined ? '?' : money(most)}`;
}

/** On what it rests. */
export function rests(finding: Finding): string {
  return `${inShort(finding)}; ${finding.method}`;
}

/** The same without the method: of many it is said once, below them. */
export function inShort({ confidence, sample }: Pick<Finding, 'confidence' | 'sample'>): string {
  return `confidence ${confidence.toFixed(2)}, ${count(sample, 'observation')}`;
}

/** What somebody has to know first comes first. */
export function byWeight(a: Finding, b: Finding): number {
  return (
    order.indexOf(a.kind) - order.indexOf(b.kind) ||
    (b.numbers.cost_micro_usd ?? 0) - (a.numbers.cost_micro_usd ?? 0) ||
    (a.key < b.key ? -1 : 1)
  );
}

const order: readonly FindingKind[] = [
  ...(['returned-error', 'regression', 'agent-task', 'recurring-error', 'quiet-error', 'improvement'] as const),
  ...(['model-choice', 'batch-size', 'tool-choice'] as const),
];

/** How each kind was found, for all of them. */
export function methods(findings: readonly Finding[]): string[] {
  const all = Map.groupBy(findings, ({ method }) => method);
  return [...all].map(([method, of]) => `- ${[...new Set(of.map(({ kind }) => kind))].join(', ')}: ${method}.`);
}

/** How a lesson stands. */
export function standing({ state, weeks, since }: Lesson): string {
  switch (state) {
    case 'note':
      return `seen once, in ${weeks.join(', ')}`;
    case 'lesson':
      return `seen in ${weeks.length} weeks, ${weeks[0]} to ${weeks.at(-1)}`;
    case 'contradicted':
      return `contradicted in ${since}`;
    case 'expired':
      return `not seen again until ${since}`;
  }
}

/**
 * What a rewritten sentence says and the original does not: numbers, ids, names in code. Whoever rephrases may say the same in other words, and nothing
 * else. Empty: it may stand.
 */
export function inventions(rewritten: string, original: string): string[] {
  const known = new Set(tokensIn(original));
  return [...new Set(tokensIn(rewritten))].filter((token) => !known.has(token));
}

/** Whatever has a digit in it, is between backticks, or is written as a name with hyphens, dots or underscores. */
function tokensIn(markdown: string): string[] {
  const text = unescaped(markdown);
  const quoted = [...text.matchAll(/`([^`]+)`/g)].map(([, inside]) => inside as string);
  const marked = [...text.matchAll(/[\p{L}\d][\p{L}\d]*(?:[-_./:][\p{L}\d]+)+|\p{L}*\d[\p{L}\d]*/gu)].map(
    ([one]) => one,
  );
  return [...quoted, ...marked].map((token) => token.toLowerCase());
}
