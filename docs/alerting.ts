/** Every alert there is, for people: from the rules. */
import { groups } from '../prometheus/groups.ts';
import type { Alert, Level } from '../prometheus/kit/alert.ts';
import { alertsOf, type Group } from '../prometheus/kit/group.ts';
import { answerWithin, type Severity, severities, teams } from '../prometheus/kit/severity.ts';
import { targets } from '../prometheus/targets.ts';
import { intervalSeconds, stack } from '../stack.ts';
import { twin } from '../twin.ts';
import { plain } from './runbooks/runbooks.ts';

const all = groups(targets);
const alerts = all.flatMap(alertsOf);

const meanings = {
  critical: 'people wait, money burns or somebody breaks in: act now, at any hour',
  high: 'it will be critical if nobody acts',
  warning: 'a ticket: today, by day',
  info: 'worth knowing at the desk',
} as const satisfies Record<Severity, string>;

const page = `# Alerting

${alerts.length} alerts in ${all.filter((group) => alertsOf(group).length > 0).length} groups, written in [prometheus/rules/](../prometheus/rules/tasks.ts), their numbers in one file:
[prometheus/targets.ts](../prometheus/targets.ts). Dashboards draw their lines from the same file, so a red panel and an alert mean the same.

## How an alert reaches people

1. Prometheus evaluates most rules every ${intervalSeconds.evaluate} seconds, on what had arrived ${intervalSeconds.scrape} seconds before.
2. A condition that holds for the whole of its *for* fires. What flaps is told a while longer (*and then for*).
3. Alertmanager groups what belongs together, hides what is already said by something worse, and sends it to the receiver of its \`team\` and \`severity\`:
   [alertmanager/routes.ts](../alertmanager/routes.ts).
4. The escalation service tells people, one step after the other, until somebody answers: [docs/escalation.md](escalation.md).
5. The alert carries a sentence, the value it saw, a link to its dashboard, already filtered, and one to its runbook.

| severity | answer within | meaning |
| --- | --- | --- |
${severities.map((severity) => `| ${severity} | ${answerWithin(severity)} | ${meanings[severity]} |`).join('\n')}

| team | |
| --- | --- |
${Object.entries(teams)
  .map(([team, does]) => `| ${team} | ${does} |`)
  .join('\n')}

**One condition, one alert.** Where two sources asked for the same condition at two thresholds, or with two severities, it is one alert with levels: they differ by the label \`severity\`, and
Alertmanager hides the lower while the higher fires.

## What there is

${all
  .filter((group) => alertsOf(group).length > 0)
  .map(table)
  .join('\n\n')}

## How they are kept from crying wolf

- A share or a quantile is told only on enough events (\`enough\` in the targets): one failure of one is 100 %, and says nothing.
- A failure counter does not exist before the first failure. Shares take that for 0, and alerts on rare events count the first value too
  ([prometheus/kit/added.ts](../prometheus/kit/added.ts)), which \`increase()\` does not see.
- A restart begins every counter anew, under a new \`service_instance_id\`. No alert keeps that label, and each one is proved to be silent over a restart.
- What is *unusual* is compared with the same agent's own last day: what it stays below nine times in ten. Who is known for less than six hours is never unusual. Such alerts are tickets at most.
- An agent is *silent* when it was heard in the last hour, more than a few times, and has not said that it retires.

Each alert has its cases in \`prometheus/proofs/\`, for \`promtool test rules\`: it fires at its threshold after its time and not a minute earlier, is not even pending just short of it, says nothing on too
few events, ends when it is over, and its texts are exactly these. That these cases would notice a mistake is tested too: every number, label, metric, duration and text of every rule is changed
once, and a case must fail (\`npm test -- stack rules\`).

## Change one

- **A threshold, a budget**: \`prometheus/targets.ts\`, then \`npm run generate\`. Rules, cases, runbooks, this page and the dashboards follow.
- **Severity, duration, text**: its file in \`prometheus/rules/\`, then \`npm run generate\`.
- **Add one**: the recipe in [CONTRIBUTING.md](../CONTRIBUTING.md). An alert needs an action: one that fired twice with nothing to do is made a panel.
- **Silence one for a while**: in Alertmanager, by \`alertname\` and what it is about, e.g.
  \`amtool silence add alertname=QueueBacklogHigh queue_name=inbox --duration=2h --comment="bulk import" --alertmanager.url=http://localhost:${stack.alertmanager.ports.http}\`.
- **The links**: whoever copies this repository writes its address into [prometheus/kit/links.ts](../prometheus/kit/links.ts).

## A test in minutes: the scale factor

Nobody waits ten minutes in a test. \`scaled(ruleFile(group, place), factor)\` ([prometheus/kit/scale.ts](../prometheus/kit/scale.ts)) divides every duration of the rules by one factor: *for*, *and then for*, windows, steps of
subqueries, offsets, group intervals. Thresholds stay. Scrape, evaluation and export intervals are to be divided by the same factor, down to a second; a window never gets shorter than four of
those, so that a rate has its points. A threshold that is itself a time (how long an agent may be silent) is a target: give the groups other targets, \`groups({ ...targets, silence: … })\`. What is counted or spent in a window (an hour's
violations, a day's money) is counted in the shorter window.
`;

function table(group: Group): string {
  return `### ${group.name}

| alert | says | severity | told at | for | team | promise |
| --- | --- | --- | --- | --- | --- | --- |
${alertsOf(group)
  .flatMap((alert) => alert.levels.map((level) => row(alert, level)))
  .join('\n')}`;
}

function row({ name, summary, team, spec }: Alert, level: Level): string {
  const { severity, over, under } = level;
  const told = over !== undefined ? `> ${over}` : under !== undefined ? `< ${under}` : '';
  return `| [${name}](runbooks/${name}.md) | ${plain(summary)} | ${severity} | ${told} | ${level.for} | ${team} | ${spec.join(', ')} |`;
}

export default twin('md', page);
