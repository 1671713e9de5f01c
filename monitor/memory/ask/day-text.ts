/** A remembered day, for people. */
import type { Screen } from '../../cli/command.ts';
import { listed } from '../../cli/facts.ts';
import { duration, errorText, money, number, oneLine, share } from '../../words.ts';
import type { AgentDay, Counts, IncidentDay, Snapshot } from '../record.ts';

/** A log is searched, a screen is read. */
const mostDecisions = 10;

export function dayText(day: Snapshot, screen: Screen): string {
  const { date, state, through, cost, approvals, decisions, agents, models, errors, gaps } = day;
  const closed = `${through.slice(0, 16).replace('T', ' ')} UTC`;
  const rest = decisions.length - mostDecisions;
  // Zeros of a ledger that has lost the day are no numbers.
  const known = (what: string) => (day.ledger === 'gone' ? 'not known' : what);
  const facts: [string, string][] = [
    ['known', state === 'open' ? `so far, until ${closed}` : `for good, with what happened until ${closed}`],
    ['tasks', known(counted(day.tasks))],
    ['runs', known(counted(day.runs))],
    ['success', share(day.success_rate)],
    ['time', `median ${duration(day.p50_ms)}, 95th percentile ${duration(day.p95_ms)}`],
    [
      'cost',
      known(
        `${money(cost.micro_usd, cost.unpriced_calls)}, ${money(cost.failed_micro_usd)} of it for work that failed`,
      ),
    ],
    [
      'approvals',
      known(
        `${number(approvals.asked)} asked for, ${number(approvals.approved)} given, ${number(approvals.rejected)} refused, ${number(approvals.unanswered)} unanswered; 95th percentile of the wait ${duration(approvals.p95_wait_ms)}`,
      ),
    ],
    ['incidents', incidentText(day.incidents)],
    ['measured', `${day.hours_measured} of ${state === 'open' ? 23 : 24} hours`],
    [
      'decisions',
      decisions.length === 0
        ? known('none')
        : `${decisions
            .slice(0, mostDecisions)
            .map((id) => `decision:${oneLine(id)}`)
            .join(' ')}${rest > 0 ? ` … and ${rest} more` : ''}`,
    ],
  ];
  const parts = [
    screen.paint('bold', `${date}, UTC`),
    listed(facts, screen),
    agents.length > 0 && screen.table([['AGENT', 'DONE', 'FAILED', 'P95', 'COST'], ...agents.map(agentRow)]),
    models.length > 0 &&
      screen.table([
        ['MODEL', 'CALLS', 'FAILED', 'TOKENS IN', 'CACHED', 'OUT', 'REASONING', 'COST'],
        ...models.map((one) => [
          ...[oneLine(one.model), number(one.calls), number(one.failed), number(one.cost.input_tokens)],
          ...[told(one.cache_read_tokens), number(one.cost.output_tokens), told(one.reasoning_tokens)],
          money(one.cost.micro_usd, one.cost.unpriced_calls),
        ]),
      ]),
    errors.length > 0 &&
      screen.table([
        ['ERROR', 'TIMES', 'COST', 'FIRST RUN', 'WHAT'],
        ...errors.map((one) => [
          ...[`error:${oneLine(one.fingerprint)}`, number(one.times), money(one.cost_micro_usd)],
          ...[oneLine(one.sessions[0] ?? null), errorText(one)],
        ]),
      ]),
    gaps.length > 0 && `Not known:\n${gaps.map((gap) => `- ${oneLine(gap)}`).join('\n')}`,
  ];
  return parts.filter((part) => part !== false).join('\n\n');
}

/** None is said; what nobody told is not none. */
function told(tokens: number | null): string {
  return tokens === null ? '-' : number(tokens);
}

function agentRow({ agent_name, completed, failed, p95_ms, cost }: AgentDay): string[] {
  const numbers = [number(completed), number(failed), duration(p95_ms), money(cost.micro_usd, cost.unpriced_calls)];
  return [oneLine(agent_name), ...numbers];
}

function counted({ started, completed, failed, in_progress }: Counts): string {
  return `${number(started)} begun: ${number(completed)} done, ${number(failed)} failed, ${number(in_progress)} under way`;
}

function incidentText({ raised, resolved, open, alerts }: IncidentDay): string {
  if (raised === null || resolved === null || open === null) return 'not known';
  const ids = alerts.flatMap(({ alertname, incidents }) =>
    incidents.map((id) => `${oneLine(alertname)} ${oneLine(id)}`),
  );
  return `${number(raised)} raised, ${number(resolved)} resolved, ${number(open)} open${ids.length > 0 ? `: ${ids.join(', ')} (npm run incidents -- show <id>)` : ''}`;
}
