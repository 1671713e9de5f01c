import { describe, expect, test } from 'vitest';
import { approvalWaitSeconds } from '../instrumentation/src/catalog/approvals.ts';
import { agentName } from '../instrumentation/src/catalog/attributes.ts';
import { violationLogged } from '../instrumentation/src/catalog/security.ts';
import { type LogQuery, logql } from './logql.ts';

/** A query, and one that differs in the mistake only. */
const refused: [mistake: string, right: () => LogQuery, wrong: () => LogQuery, message: RegExp][] = [
  [
    'an attribute that no record has',
    () => logql`{service_name="fleet"} | agent_name=~"$agent"`,
    () => logql`{service_name="fleet"} | agnet_name=~"$agent"`,
    /no log record has agnet_name\. The nearest name is agent_name\.$/,
  ],
  [
    'an attribute between the braces, where Loki has an index only',
    () => logql`{service_name="fleet"} | agent_name="qa"`,
    () => logql`{service_name="fleet", agent_name="qa"}`,
    /agent_name is not in Loki's index\. Write \| agent_name=… behind the braces\./,
  ],
  [
    'an event that nothing writes',
    () => logql`{service_name="fleet"} | event_name="audit.violation"`,
    () => logql`{service_name="fleet"} | event_name="audit.violatoin"`,
    /of event_name "audit\.violatoin" is none of its values\. The nearest is "audit\.violation"\./,
  ],
  [
    'a retention class that there is not',
    () => logql`{service_name=~".+", retention_class="audit"}`,
    () => logql`{service_name=~".+", retention_class="audits"}`,
    /of retention_class "audits" is none of its values/,
  ],
  [
    'a value outside a closed set, in a pattern',
    () => logql`{service_name="fleet"} | audit_violation_severity=~"high|critical"`,
    () => logql`{service_name="fleet"} | audit_violation_severity=~"high|fatal"`,
    /"fatal" is none of its values/,
  ],
  [
    'braces that every stream passes',
    () => logql`{service_name=~".+", deployment_environment_name=~"$environment"}`,
    () => logql`{deployment_environment_name=~"$environment"}`,
    /nothing between its braces must have a value/,
  ],
  [
    'a parser, whose labels nobody declared',
    () => logql`{service_name="fleet"} |= "slow" | agent_name="qa"`,
    () => logql`{service_name="fleet"} |= "slow" | json | agent_name="qa"`,
    /"\| json" makes labels that nobody declared/,
  ],
  [
    'a grouping by what no record has',
    () => logql`sum by (agent_name) (count_over_time({service_name="fleet"}[$__auto]))`,
    () => logql`sum by (agent) (count_over_time({service_name="fleet"}[$__auto]))`,
    /no log record has agent\./,
  ],
  [
    'a number of what no record has',
    () => logql`sum(sum_over_time({service_name="fleet"} | unwrap ${approvalWaitSeconds} [5m]))`,
    () => logql`sum(sum_over_time({service_name="fleet"} | unwrap approval_wait [5m]))`,
    /no log record has approval_wait\./,
  ],
  [
    'a line made of what no record has',
    () => logql`{service_name="fleet"} | line_format "{{.agent_name}}"`,
    () => logql`{service_name="fleet"} | line_format "{{.agent}}"`,
    /no log record has agent\./,
  ],
  [
    'text that does not parse',
    () => logql`{service_name="fleet"}`,
    () => logql`{service_name="fleet"`,
    /as LogQL: it breaks at its end/,
  ],
];

describe('B03 a log query is refused for', () => {
  test.each(refused)('%s', (_mistake, right, wrong, message) => {
    expect(right().text).not.toBe('');
    expect(wrong).toThrow(message);
  });
});

test('a log query reads as plain LogQL: an event is its name in quotes, an attribute Loki’s name for it', () => {
  const query = logql`{service_name=~".+"} | event_name=${violationLogged} | ${agentName}=~"$agent"`;
  expect(query.text).toBe('{service_name=~".+"} | event_name="audit.violation" | agent_name=~"$agent"');
  expect(logql`count_over_time(${query}[5m])`.text).toBe(`count_over_time(${query.text}[5m])`);
});

test.each<[LogQuery, 'lines' | 'numbers', string[] | undefined]>([
  [logql`{service_name="a"}`, 'lines', undefined],
  [logql`sum by (agent_name) (rate({service_name="a"}[5m]))`, 'numbers', ['agent_name']],
  [logql`sum(rate({service_name="a"}[5m]))`, 'numbers', []],
  [logql`topk(3, sum by (event_name) (rate({service_name="a"}[5m])))`, 'numbers', ['event_name']],
  [
    logql`max_over_time({service_name="a"} | unwrap approval_wait_seconds [5m]) by (approval_kind)`,
    'numbers',
    ['approval_kind'],
  ],
  [
    logql`sum by (agent_name) (rate({service_name="a"}[5m])) / sum by (agent_name) (rate({service_name="a"}[1h]))`,
    'numbers',
    ['agent_name'],
  ],
  [
    logql`label_replace(sum by (agent_name) (rate({service_name="a"}[5m])), "who", "$1", "agent_name", "(.*)")`,
    'numbers',
    ['agent_name', 'who'],
  ],
])('$0.text gives $1 with the labels $2', (query, gives, labels) => {
  expect(query.gives).toBe(gives);
  if (labels) expect([...query.labels].sort()).toEqual(labels);
});

test('D19 a log query may be empty until a service writes, unless it counts from nothing', () => {
  expect(logql`sum(rate({service_name="a"}[5m]))`.emptyWhen).toBe('until a service writes such a record');
  expect(logql`sum(rate({service_name="a"}[5m])) or vector(0)`.emptyWhen).toBeUndefined();
});
