/** What a dossier says, in the order in which one reads it; how it looks is another's matter. */
import type { Dossier, ExecutionEntry } from '../analysis/dossier.ts';
import { duration, errorText, money, number, oneLine, share } from '../words.ts';
import type { Given } from './command.ts';
import { at } from './tables.ts';

export interface Section {
  readonly title: string;
  /** With a head. */
  readonly rows?: readonly (readonly string[])[];
  /** Heads of the columns that a narrow terminal does without. */
  readonly spare?: readonly string[];
  readonly lines?: readonly string[];
}

export interface Sections {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly sections: readonly Section[];
}

type Reader = Pick<Given, 'now' | 'options'>;

export function sectionsOf(seen: Dossier, reader: Reader): Sections {
  const { session_id, task_description, workflow_name } = seen.orchestration;
  const what = task_description ?? workflow_name;
  return {
    title: what === null ? oneLine(session_id) : `${oneLine(session_id)}: ${oneLine(what)}`,
    facts: facts(seen, reader),
    sections: [
      { title: 'What to know first', lines: seen.gaps.map(({ told }) => told) },
      table(
        'Executions',
        ['Agent', 'Task', 'Status', 'Began', 'Took', 'Tries', 'Files', 'Cost', 'Error'],
        () => seen.executions.map((one) => executionRow(one, reader)),
        ['Began', 'Files', 'Tries'],
      ),
      table('Errors', ['Fingerprint', 'Times', 'Agents', 'Error'], () =>
        seen.errors.map(({ error_fingerprint, times, agents, ...error }) => [
          ...[error_fingerprint ?? '-', `${times}`, agents.map(oneLine).join(', ') || '-', errorText(error)],
        ]),
      ),
      table('For nothing', ['Why', 'Cost', 'Lost', 'Error'], () =>
        seen.losses.map((loss) => [
          ...[loss.reason, money(loss.cost_micro_usd), duration(loss.duration_ms), errorText(loss)],
        ]),
      ),
      ...alerts(seen, reader),
      table(
        'Approvals',
        ['Asked', 'What', 'By', 'Waited', 'Answer', 'Of whom'],
        () =>
          seen.approvals.map((one) => [
            at(one.asked_at, reader),
            oneLine([one.kind, one.subject].filter(Boolean).join(': ')),
            oneLine(one.agent),
            `${duration(one.wait_ms)}${one.escalated ? ', escalated' : ''}`,
            oneLine(one.decision ?? 'waits'),
            oneLine([one.approver, one.role && `(${one.role})`].filter(Boolean).join(' ') || null),
          ]),
        ['By'],
      ),
      table(
        'Decisions',
        ['When', 'Agent', 'What', 'Choice', 'Sure', 'Why'],
        () =>
          seen.decisions.map((one) => [
            ...[at(one.at, reader), oneLine(one.agent), oneLine(one.name), oneLine(one.choice)],
            ...[one.confidence === null ? '-' : share(one.confidence), oneLine(one.reasoning)],
          ]),
        ['When'],
      ),
      table('Time and money', ['Spent on', 'Times', 'Of the run', 'Altogether', 'Cost'], () =>
        seen.waterfall.categories
          .filter(({ calls, path_ms }) => calls > 0 || path_ms > 0)
          .map((one) => [
            ...[one.name, `${one.calls}`, duration(one.path_ms), duration(one.busy_ms), money(one.cost_micro_usd)],
          ]),
      ),
      { title: 'Look further', lines: Object.entries(seen.links ?? {}).map(([name, link]) => `${name}: ${link}`) },
    ].filter(({ rows, lines }: Section) => (rows?.length ?? 0) > 1 || (lines?.length ?? 0) > 0),
  };
}

function table(
  title: string,
  head: readonly string[],
  rows: () => readonly (readonly string[])[],
  spare: readonly string[] = [],
): Section {
  return { title, rows: [head, ...rows()], spare };
}

function facts({ orchestration: run, executions }: Dossier, reader: Reader): [string, string][] {
  const tokens = `${number(run.input_tokens)} tokens in, ${number(run.output_tokens)} out`;
  const known: [string, string | null][] = [
    ['status', run.status],
    ['error', run.error_message],
    ['began', `${at(run.started_at, { ...reader, options: { absolute: true } })}${ago(run.started_at, reader)}`],
    ['took', duration(run.duration_ms)],
    ['tasks', run.total_tasks === 0 ? null : tasks(run)],
    ['agents', `${new Set(executions.map(({ agent_name }) => agent_name)).size}`],
    ['cost', `${money(run.cost_micro_usd, run.unpriced_calls)}${run.input_tokens > 0 ? `, ${tokens}` : ''}`],
    ['fingerprint', run.error_fingerprint],
    ['workflow', run.workflow_name],
    ['service', run.service_name],
    ['environment', run.environment],
    ['commit', run.git_commit_hash],
    ['plan', run.plan_file_path],
    ['progress', run.progress_file_path],
    ['trace', run.trace_id],
    ['id', run.id],
  ];
  return known.flatMap(([name, value]) => (value === null ? [] : [[name, oneLine(value)] as [string, string]]));
}

function executionRow(one: ExecutionEntry, reader: Reader): string[] {
  const files = one.files_created + one.files_modified;
  return [
    `${one.depth > 0 ? `${'  '.repeat(one.depth - 1)}└ ` : ''}${oneLine(one.agent_name)}`,
    oneLine(one.task_id ?? one.operation ?? (one.task_number === null ? null : `${one.task_number}`)),
    `${one.status}${one.self_healed ? ', healed' : ''}${one.retried_by === null ? '' : ', made again'}`,
    at(one.started_at, reader),
    duration(one.duration_ms),
    `${one.retry_count + 1}`,
    files === 0 ? '-' : `+${one.files_created} ~${one.files_modified}`,
    money(one.cost_micro_usd, one.unpriced_calls),
    errorText(one),
  ];
}

function alerts({ alerts }: Dossier, reader: Reader): Section[] {
  if (alerts === null) return [];
  if (alerts.length === 0) return [{ title: 'Alerts', lines: ['None that concerns it.'] }];
  const told = [...new Map(alerts.map((one) => [one.incident_id, one])).values()].flatMap(({ incident_id, told }) =>
    told.map(({ at: when, channel, outcome }) => [
      ...[at(when, reader), oneLine(channel), oneLine(outcome), oneLine(incident_id)],
    ]),
  );
  return [
    {
      ...table('Alerts', ['Opened', 'Alert', 'Severity', 'Acknowledged', 'Resolved', 'Incident'], () =>
        alerts.map((one) => [
          ...[at(one.opened_at, reader), oneLine(one.alert), oneLine(one.severity)],
          one.acknowledged_at === null ? '-' : `${at(one.acknowledged_at, reader)} by ${oneLine(one.acknowledged_by)}`,
          ...[at(one.resolved_at, reader), oneLine(one.incident_id)],
        ]),
      ),
      spare: ['Severity'],
      lines: [...new Set(alerts.flatMap(whatToDo))],
    },
    told.length === 0
      ? { title: 'Who was told', lines: ['Nobody.'] }
      : table('Who was told', ['When', 'Who', 'Came to', 'Incident'], () => told),
  ];
}

function whatToDo({ alert, summary, runbook_url }: NonNullable<Dossier['alerts']>[number]): string[] {
  return [
    ...(summary === null ? [] : [`${oneLine(alert)}: ${oneLine(summary)}`]),
    ...(runbook_url === null ? [] : [`Runbook of ${oneLine(alert)}: ${oneLine(runbook_url)}`]),
  ];
}

function tasks({ completed_tasks, failed_tasks, total_tasks }: Dossier['orchestration']): string {
  return `${completed_tasks} of ${total_tasks} done${failed_tasks > 0 ? `, ${failed_tasks} failed` : ''}`;
}

function ago(iso: string, reader: Reader): string {
  return reader.options.absolute ? '' : `, ${at(iso, reader)}`;
}
