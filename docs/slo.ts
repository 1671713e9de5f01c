/** What the fleet promises, for people: from prometheus/slo/objectives.ts. */
import {
  type BurnWindow,
  budget,
  fewestEvents,
  hoursToExhaustion,
  lowestObjectiveBp,
  lowObjectiveWindows,
  percent,
  periodDays,
  standardWindows,
  threshold,
} from '../prometheus/slo/burn.ts';
import { objectives } from '../prometheus/slo/objectives.ts';
import { budgetRemaining, burnRate, errorRatio, events, objective, period } from '../prometheus/slo/recordings.ts';
import { alertName, type Slo } from '../prometheus/slo/slo.ts';
import { twin } from '../twin.ts';

const page = `# Service-level objectives

Promises that a fleet can keep, each a share of events over ${periodDays} days. What a promise leaves over is its **error budget**: it may be spent, on mishaps or on change.
When it is spent too fast, somebody is told; how soon they must act follows from how fast.

${table(
  ['objective', 'promise', 'of', `budget in ${periodDays} days`, 'alert'],
  objectives.map((slo) => [
    `[${slo.title}](#${slo.title.toLowerCase().replaceAll(' ', '-')})`,
    slo.promise,
    `**${percent(slo.objectiveBp)}** of the ${slo.counts.events}`,
    inWords(slo),
    `[${alertName(slo)}](runbooks/${alertName(slo)}.md)`,
  ]),
)}

## How to read them

Every recording below carries the label \`slo\` and what has a budget of its own: a service in an environment, or a signal.

${table(
  ['question', 'query'],
  [
    [
      'What is left of the budget? 1 is untouched, 0 is spent, below 0 the promise is broken.',
      code(budgetRemaining.name),
    ],
    [`How fast is it being spent? 1 lasts for exactly ${periodDays} days, 14.4 for two.`, code(burnRate.name)],
    [`Which share was good, over ${periodDays} days?`, code(`1 - ${errorRatio[period].name}`)],
    [
      'How many events may still go wrong?',
      code(`${budgetRemaining.name} * ${events[period].name} * on (slo) group_left () (1 - ${objective.name})`),
    ],
    ['Who was told?', code('ALERTS{slo!=""}')],
  ],
)}

While there is budget: ship, try, repair at leisure. When it is gone: what is risky waits, and what broke it is mended first. That is the deal; the numbers only say when it applies.

## When somebody is told

Two windows must burn: the long one says that it matters, the short one that it still goes on, so that the alert ends soon after the trouble does.
Each pair is a rule of its own and says by its labels \`long\` and \`short\` which it is. While a more urgent one fires, Alertmanager hides the others.

${table(
  [
    'long',
    'short',
    'severity',
    'for',
    ...objectives
      .map(({ objectiveBp }) => objectiveBp)
      .filter(unique)
      .map(percent),
  ],
  windowRows(),
)}

The numbers are the error ratio above which both windows must be. Objectives of ${percent(lowestObjectiveBp(standardWindows))} and more burn at ${factors(standardWindows)} times the pace that spends the budget in exactly ${periodDays} days:
these spend 2, 5, 10 and 10 % of it in the long window. Lower ones, down to ${percent(lowestObjectiveBp(lowObjectiveWindows))}, burn at ${factors(lowObjectiveWindows)} times: of a budget of 10 %, 14.4 times would be 144 %
of failures, an alert that cannot fire. Such an objective is refused when it is generated, with what to do about it.

**Few events say little.** A window counts from so many events on that the threshold takes three bad ones; one or two mishaps tell nobody. After a quiet time or a new start
the long windows therefore stay silent until enough has happened in them.

${objectives.map(section).join('\n\n')}

## How it is counted

- **Exactly.** A counter’s first value counts as well: failures are rare, and the first is often the only one of its process, which \`rate()\` does not see
  ([prometheus/kit/added.ts](../prometheus/kit/added.ts)).
- **Once.** Only the 5-minute rates (\`slo:events:rate5m\`, \`slo:errors:rate5m\`) read the services’ many series, once a minute. Every longer window adds up these few recorded ones:
  a busy minute weighs by its events, a mean of ratios would not. ${periodDays} days of one series are 43 200 samples.
- **By environment and service**, so that staging does not spend the budget of production, and a small service that fails is not hidden behind a large one.
- **Not**: what never happened. A service that is down answers nothing and spends nothing; [ServiceDown](runbooks/ServiceDown.md) tells of it. While Prometheus is down nobody counts at all.
- A gap of more than an hour in a counter’s data counts all of it again, good and bad alike.

## How to change one

1. Its number, windows or text: [prometheus/slo/objectives.ts](../prometheus/slo/objectives.ts). Basis points: 9990 is 99.9 %.
2. \`npm run generate\`: rules, alerts, their proofs, runbooks, this page and [openslo.yaml](../prometheus/slo/openslo.yaml) follow.
3. \`npm test -- stack rules\`.

**A new one**: copy an entry there, write what counts and what of it is bad as two recordings with their proofs, and add it to \`objectives\`. Lower an objective before you mute its alert: a promise that nobody keeps is noise.
`;

function section(slo: Slo): string {
  const { title, promise, why, objectiveBp, counts, by, events: all, bad } = slo;
  return `## ${title}

**${promise}: ${percent(objectiveBp)} of the ${counts.events}.** ${why}

- **Bad** are ${counts.events} that ${counts.bad}. Budget: ${inWords(slo)}.
- **By** ${by.map(code).join(', ')}. Team: ${slo.team}.
- **Events**: ${code(all.name)}

  \`\`\`promql
${indented(all.query.text)}
  \`\`\`

- **Bad events**: ${code(bad.name)}

  \`\`\`promql
${indented(bad.query.text)}
  \`\`\`

${table(
  ['told as', 'long, short', 'error ratio above', 'events at least', 'at this pace the budget lasts'],
  slo.windows.map((window) => [
    window.severity,
    `${window.long}, ${window.short}`,
    threshold(objectiveBp, window),
    String(fewestEvents(objectiveBp, window)),
    lasts(window),
  ]),
)}`;
}

function windowRows(): string[][] {
  const distinct = objectives.map(({ objectiveBp, windows }) => ({ objectiveBp, windows }));
  const columns = distinct.filter(
    ({ objectiveBp }, at) => distinct.findIndex((each) => each.objectiveBp === objectiveBp) === at,
  );
  return standardWindows.map(({ long, short, severity, for: wait }, at) => [
    long,
    short,
    severity,
    wait,
    ...columns.map(({ objectiveBp, windows }) => threshold(objectiveBp, windows[at] as BurnWindow)),
  ]);
}

function inWords({ objectiveBp, counts }: Slo): string {
  const { minutes, of10000 } = budget(objectiveBp);
  const time =
    minutes >= 1440
      ? `${round(minutes / 1440)} days`
      : minutes >= 120
        ? `${round(minutes / 60)} h`
        : `${round(minutes)} min`;
  return counts.events === 'minutes'
    ? `${round(minutes)} of 43 200 minutes`
    : `${of10000} of 10 000, or ${time} in which all do`;
}

function lasts(window: BurnWindow): string {
  const hours = hoursToExhaustion(window);
  return hours < 72 ? `${round(hours)} h` : `${round(hours / 24)} days`;
}

function factors(windows: readonly BurnWindow[]): string {
  return windows.map(({ factorTenths }) => factorTenths / 10).join(', ');
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function code(text: string): string {
  return `\`${text}\``;
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function unique(value: number, at: number, all: readonly number[]): boolean {
  return all.indexOf(value) === at;
}

export default twin('md', page);
