/** What a person would be told of a month who has time for five sentences. Each is computed, and says what it rests on. */
import { difference } from '../../analysis/interval.ts';
import { count, errorText, money, number, oneLine, share } from '../../words.ts';
import { costBy } from '../ask/cost.ts';
import { monthBefore } from '../ask/span.ts';
import { sentence } from '../consolidate/sentence.ts';
import { enough, fewest } from '../consolidate/sureness.ts';
import { onlyWhole } from '../consolidate/week-total.ts';
import { failedShare, workBy } from '../consolidate/work-week.ts';
import type { Finding, Snapshot } from '../record.ts';
import { html, type Markup } from './markup.ts';
import { changed, monthName, perDay } from './months.ts';
import { endsIn, type Month } from './read-month.ts';

interface Told {
  readonly text: string;
  /** What `npm run monitor -- show` opens. */
  readonly evidence: readonly string[];
}

/** More nobody reads. */
const [most, mostLearnt, mostEvidence] = [6, 3, 2];

/** An agent whose cost moved by less than this share of all is not told. */
const muchMoney = 0.05;

export function outstanding(month: Month, usdPerDay: number): Markup {
  const failures = failsMore(month);
  const all = [
    ...budget(month, usdPerDay),
    ...moneyMoved(month),
    ...failures,
    ...errorsCame(month),
    // What a month shows of failures stands for its weeks.
    ...learnt(month, ({ words }) => failures.length === 0 || words.measure !== 'share_failed'),
  ].slice(0, most);
  return html`<section class="outstanding together"><h2>What stands out</h2>${
    all.length === 0
      ? html`<p>Nothing that chance would not explain.</p>`
      : html`<ul>
${all.map(
  ({
    text,
    evidence,
  }) => html`<li>${text} ${evidence.slice(0, mostEvidence).map((id) => html`<code>${id}</code> `)}</li>
`,
)}</ul>`
  }</section>`;
}

function budget({ days }: Month, usdPerDay: number): Told[] {
  const above = days.filter(({ cost }) => (cost.micro_usd ?? 0) > usdPerDay * 1e6);
  const dearest = above.toSorted((a, b) => (b.cost.micro_usd ?? 0) - (a.cost.micro_usd ?? 0))[0];
  if (!dearest) return [];
  return [
    {
      text: `${count(above.length, 'day')} of ${days.length} cost more than the budget of ${money(usdPerDay * 1e6)}; the dearest was ${dearest.date} with ${money(dearest.cost.micro_usd, dearest.cost.unpriced_calls)}.`,
      evidence: [`day:${dearest.date}`],
    },
  ];
}

/** The agent whose cost a day moved most. */
function moneyMoved({ month, ...known }: Month): Told[] {
  const [days, before] = [onlyWhole(known.days), onlyWhole(known.before)];
  if (days.length === 0 || before.length === 0) return [];
  const daily = (of: readonly Snapshot[]) =>
    new Map(
      costBy(of, 'agent').map(({ name, cost_micro_usd }) => [name ?? '-', perDay(cost_micro_usd, of.length) ?? 0]),
    );
  const [is, was] = [daily(days), daily(before)];
  const all = [...was.values()].reduce((sum, one) => sum + one, 0);
  const moved = [...new Set([...is.keys(), ...was.keys()])]
    .map((name) => ({ name, now: is.get(name) ?? 0, earlier: was.get(name) ?? 0 }))
    .sort((a, b) => Math.abs(b.now - b.earlier) - Math.abs(a.now - a.earlier) || (a.name < b.name ? -1 : 1))[0];
  if (!moved || Math.abs(moved.now - moved.earlier) < muchMoney * all) return [];
  const { name, now, earlier } = moved;
  const by = changed(now, earlier);
  const of = (day: Snapshot) => day.agents.find(({ agent_name }) => agent_name === name)?.cost.micro_usd ?? 0;
  const dearest = days.toSorted((a, b) => of(b) - of(a))[0];
  return [
    {
      text: `${oneLine(name)} cost ${money(now)} a day, ${earlier === 0 ? 'and nothing' : `${by}:`} ${earlier === 0 ? '' : `${money(earlier)} `}in ${monthName(monthBefore(month))}. No agent's cost moved more.`,
      evidence: dearest ? [`day:${dearest.date}`] : [],
    },
  ];
}

/** The kind of work whose share of failures rose or fell most, where it is no chance among all that there are. */
function failsMore({ month, days, before }: Month): Told[] {
  const of = (some: readonly Snapshot[]) =>
    workBy(some, ({ agent_name, operation }) => JSON.stringify([agent_name, operation]));
  const [is, was] = [of(days), of(before)];
  const pairs = [...is].flatMap(([key, now]) => {
    const earlier = was.get(key);
    return earlier && earlier.ended >= fewest && now.ended >= fewest ? [{ now, earlier }] : [];
  });
  const found = pairs.flatMap(({ now, earlier }) => {
    const [after, past] = [now, earlier].map((one) => failedShare(one, 1 - (1 - enough) / pairs.length));
    const change = after && past && difference(past, after);
    return change && (change.low > 0 || change.high < 0) ? [{ now, earlier, change }] : [];
  });
  const [first] = found.sort((a, b) => Math.abs(b.change.value) - Math.abs(a.change.value));
  if (!first) return [];
  const { now, earlier, change } = first;
  const [least, greatest] = [change.low, change.high].map(Math.abs).sort((a, b) => a - b) as [number, number];
  const who = [now.who.agent_name, now.who.operation]
    .map((one) => (one === null ? '' : oneLine(one)))
    .join(' ')
    .trim();
  return [
    {
      text: `${who} failed ${change.value > 0 ? 'more' : 'less'}: ${share(now.failed / now.ended)} of ${count(now.ended, 'task')}, ${share(earlier.failed / earlier.ended)} of ${number(earlier.ended)} in ${monthName(monthBefore(month))}; ${(least * 100).toFixed(1)} to ${(greatest * 100).toFixed(1)} points.`,
      evidence: change.value > 0 ? now.went_wrong : now.went_well,
    },
  ];
}

function errorsCame({ errors, newErrors }: Month): Told[] {
  const fresh = errors.filter(({ fingerprint, status }) => newErrors.has(fingerprint) && status === 'open');
  const [worst] = fresh;
  if (!worst) return [];
  return [
    {
      text: `${count(fresh.length, 'kind')} of error never seen before ${fresh.length === 1 ? 'is' : 'are'} open; the most frequent, ${shortened(errorText(worst))}, came ${count(worst.times, 'time')}.`,
      evidence: [`error:${worst.fingerprint}`],
    },
  ];
}

/** Of a message as much as tells it from others: the whole of it is behind its id. */
export function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}

/** What somebody can act on, before what is only so. */
const order: readonly Finding['kind'][] = [
  ...(['returned-error', 'regression', 'agent-task', 'model-choice'] as const),
  ...(['batch-size', 'tool-choice', 'improvement'] as const),
];

export function byImportance(a: { readonly kind: Finding['kind'] }, b: { readonly kind: Finding['kind'] }): number {
  const place = ({ kind }: { readonly kind: Finding['kind'] }) =>
    order.includes(kind) ? order.indexOf(kind) : order.length;
  return place(a) - place(b);
}

function learnt({ month, learnt: held }: Month, isNews: (finding: Finding) => boolean): Told[] {
  const now = held?.lessons.filter(
    ({ kind, state, newest }) =>
      isNews(newest) && order.includes(kind) && (state === 'lesson' || state === 'note') && endsIn(newest.week, month),
  );
  // Of one agent at one kind of task the first says enough.
  const about = ({ newest: { words } }: { readonly newest: Finding }) =>
    words.fingerprint ?? [words.agent, words.model, words.operation].join(' ');
  return [...Map.groupBy((now ?? []).toSorted(byImportance), about).values()]
    .flatMap(([first]) => first ?? [])
    .slice(0, mostLearnt)
    .map(({ key, newest }) => ({
      text: sentence(newest, oneLine),
      evidence: [`lesson:${key}`, `week:${newest.week}`],
    }));
}
