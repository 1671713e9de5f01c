import { compose } from '../../place.ts';
import { groups } from '../../prometheus/groups.ts';
import { type Alert, type Check, descriptionOf, type Level } from '../../prometheus/kit/alert.ts';
import { alertsOf, type Group } from '../../prometheus/kit/group.ts';
import { dashboardUrl } from '../../prometheus/kit/links.ts';
import { answerWithin, teams } from '../../prometheus/kit/severity.ts';
import { targets } from '../../prometheus/targets.ts';
import { twins } from '../../twin.ts';

/** The page that an alert's `runbook_url` opens: written for somebody who was woken by it. */
export function runbook(alert: Alert, group: Group): string {
  const { name, spec, team, summary, runbook, dashboard } = alert;
  const { meaning, impact, checks, remedy } = runbook;
  return `# ${name}

${meaning}

**Impact.** ${impact}

| severity | answer within | told when | for | and then for |
| --- | --- | --- | --- | --- |
${alert.levels.map((level) => `| ${level.severity} | ${answerWithin(level.severity)} | ${told(level)} | ${level.for} | ${level.keepFiringFor ?? '–'} |`).join('\n')}

It says: *${plain(summary)}.* ${[...new Set(alert.levels.map((level) => plain(descriptionOf(alert, level))))].map((text) => `*${text}*`).join(' ')}

Team: **${team}** (${teams[team]}). Dashboard: [${dashboard}](${dashboardUrl({ ...alert, variables: {} }, compose)}).

## First three checks

${checks.map(check).join('\n\n')}

A word like \`$agent_name\` stands for that label of the alert. Queries are for Grafana's *Explore*: PromQL for Prometheus, LogQL for Loki, TraceQL for Tempo.

## What helps

${remedy.map((each) => `- ${each}`).join('\n')}

## The rule

${alert.levels.map((level) => `${alert.levels.length > 1 ? `At \`${level.severity}\`:\n\n` : ''}\`\`\`promql\n${alert.when(level).text}\n\`\`\``).join('\n\n')}

Written in [prometheus/rules/${group.name}.ts](../../prometheus/rules/${group.name}.ts), its numbers in [prometheus/targets.ts](../../prometheus/targets.ts). Promises: ${spec.join(', ')}.
How it reaches people, how to silence and to tune it: [docs/alerting.md](../alerting.md).
`;
}

function told({ over, under }: Level): string {
  if (over !== undefined) return `> ${over}`;
  return under === undefined ? 'see the rule' : `< ${under}`;
}

function check({ ask, ...answer }: Check, at: number): string {
  return `${at + 1}. ${ask}\n\n${indented(answeredBy(answer))}`;
}

function answeredBy(answer: Omit<Check, 'ask'>): string {
  if ('command' in answer) return `\`\`\`sh\n${answer.command}\n\`\`\``;
  const { language, text } = (answer as { query: { language: string; text: string } }).query;
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function indented(text: string): string {
  return text.replace(/^/gm, '   ');
}

/** `{{ $labels.agent_name }}` → `‹agent_name›`, `{{ $value | … }}` → `‹value›`: a page is read without Prometheus. */
export function plain(template: string): string {
  return template.replace(/\{\{\s*\$(?:labels\.)?(\w+)[^}]*\}\}/g, '‹$1›');
}

export default twins(
  'md',
  Object.fromEntries(
    groups(targets).flatMap((group) => alertsOf(group).map((alert) => [alert.name, runbook(alert, group)])),
  ),
);
