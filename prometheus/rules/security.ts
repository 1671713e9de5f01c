import { agentName } from '../../instrumentation/src/catalog/attributes.ts';
import {
  executionLimitViolations,
  executionRun,
  sandboxEscape,
  sandboxEscapeAttempts,
} from '../../instrumentation/src/catalog/code.ts';
import {
  auditViolationsLogged,
  authenticationAttempts,
  permissionEscalationRequests,
  skillAccessAllowed,
  violationLogged,
  violationSeverity,
  violationType,
} from '../../instrumentation/src/catalog/security.ts';
import { compose } from '../../place.ts';
import { logql } from '../../queries/logql.ts';
import { promql, type Query } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { added } from '../kit/added.ts';
import { alert, type Runbook } from '../kit/alert.ts';
import { counted } from '../kit/counted.ts';
import { group } from '../kit/group.ts';
import { service } from '../kit/labels.ts';
import { burst, stream } from '../kit/proof.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { type SeriesOf, series } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

const failedAuthentications = counted(
  'service:authentication_failures:added1m',
  promql`${authenticationAttempts}{outcome="failure"}`,
  {
    by: [service],
    within: '1m',
    means: 'callers refused',
    like: series(authenticationAttempts, { outcome: 'failure' }),
    unlike: [series(authenticationAttempts, { outcome: 'success' })],
    // A service may push only once a minute: two such points are too few for a rate.
    exactly: true,
  },
);

const auditViolations = counted('agent:audit_violations:added15m', auditViolationsLogged, {
  by: [agentName, violationType],
  within: '15m',
  means: 'rules broken by an agent, by kind',
  like: series(auditViolationsLogged),
  exactly: true,
});

const auditViolationsOfHour = counted('environment:audit_violations:added1h', auditViolationsLogged, {
  within: '1h',
  means: 'rules broken',
  like: series(auditViolationsLogged),
  exactly: true,
});

const sandboxEscapes = counted('agent:sandbox_escapes:added15m', sandboxEscapeAttempts, {
  by: [agentName],
  within: '15m',
  means: 'attempts of an agent’s code to leave its sandbox',
  like: series(sandboxEscapeAttempts),
  exactly: true,
});

/** Attempts to get in, broken rules, and what is told at its very first event. (A06, A16) */
export function security({ failedAuthenticationsPerMinute, auditViolationsPerHour }: Targets) {
  return group('security', [
    failedAuthentications,
    auditViolations,
    auditViolationsOfHour,
    sandboxEscapes,
    alert('SecurityAuthenticationFailures', {
      spec: ['A16'],
      team: 'security',
      levels: [{ severity: 'critical', over: failedAuthenticationsPerMinute, for: '30s', keepFiringFor: '5m' }],
      when: ({ over }) => promql`${failedAuthentications} > ${over}`,
      summary: 'Many authentications fail at {{ $labels.service_name }}',
      description:
        '{{ $value | humanize }} authentications were refused by {{ $labels.service_name }} within a minute.',
      dashboard: 'operations',
      runbook: {
        meaning: 'A service refuses more callers in a minute than forget their password by accident.',
        impact: 'Somebody may be guessing, or a client has lost its key and all its work fails.',
        checks: [
          {
            ask: 'Does it go on, and are some let in?',
            query: promql`sum by (${service}, outcome) (${added(authenticationAttempts, '1m')})`,
          },
          {
            ask: 'From where? Which request was refused?',
            query: logql`{service_name="$service_name"} |~ "(?i)unauthori[sz]ed|forbidden|invalid (token|key)"`,
          },
          {
            ask: 'Was it followed by anything that should not be?',
            query: promql`sum by (${agentName}, permission_name, outcome) (increase(${permissionEscalationRequests}[15m]))`,
          },
        ],
        remedy: [
          'One source: block it.',
          'A client with an old key: give it the new one.',
          'Many sources: switch on the stricter limit in front of the service, and tell the security team.',
        ],
      },
      proof: ({ over }) => stream(series(authenticationAttempts, { outcome: 'failure' }), { over, within: '1m' }),
    }),
    alert('AuditViolationsRepeated', {
      spec: ['A06'],
      team: 'security',
      levels: [{ severity: 'high', over: auditViolationsPerHour, for: '1m' }],
      when: ({ over }) => promql`${auditViolationsOfHour} > ${over}`,
      summary: 'Rules are broken repeatedly',
      description: '{{ $value | humanize }} rules were broken in the last hour.',
      dashboard: 'skill-access',
      runbook: {
        meaning: 'The audit has logged more broken rules in an hour than may happen by accident.',
        impact: 'Something works against a policy. What it touched may have to be undone.',
        checks: [
          {
            ask: 'Which rules, how bad, and who?',
            query: promql`sum by (${agentName}, ${violationType}, ${violationSeverity}) (${added(auditViolationsLogged, '1h')})`,
          },
          { ask: 'What exactly happened?', query: logql`{service_name=~".+"} | event_name=${violationLogged}` },
          {
            ask: 'Were more permissions asked for before?',
            query: promql`sum by (${agentName}, permission_name, outcome) (increase(${permissionEscalationRequests}[1h]))`,
          },
        ],
        remedy: [
          'One agent: stop it, keep its trace, undo what it did.',
          'A rule that is broken in daily work: change the rule or the work, and write down which.',
        ],
      },
      proof: ({ over }) => burst(series(auditViolationsLogged), { over, within: '1h' }),
    }),
    ...(
      [
        ['SecurityBypass', 'security_bypass', 'A security control was bypassed', 'went round a security control'],
        ['SecurityDataExposure', 'data_exposure', 'Data was exposed', 'exposed data that it must not show'],
        [
          'SecurityConfigurationCorruption',
          'configuration_corruption',
          'A configuration was corrupted',
          'changed a configuration that it must not change',
        ],
      ] as const
    ).map(([name, violation, summary, did]) =>
      firstEvent(name, {
        events: promql`${auditViolations}{${violationType}="${violation}"}`,
        proof: series(auditViolationsLogged, { audit_violation_type: violation }),
        summary: `${summary} by {{ $labels.agent_name }}`,
        description: `{{ $labels.agent_name }} ${did}, {{ $value | humanize }} times in 15 minutes, by the audit log.`,
        meaning: `The audit has logged that an agent ${did}. Already the first time is told.`,
        ...auditRunbook,
      }),
    ),
    firstEvent('SecuritySandboxEscape', {
      events: promql`${sandboxEscapes}`,
      proof: series(sandboxEscapeAttempts),
      summary: 'Code run by {{ $labels.agent_name }} tried to leave its sandbox',
      description:
        'Code that {{ $labels.agent_name }} ran tried to leave its sandbox, {{ $value | humanize }} times in 15 minutes.',
      meaning: 'Code that an agent ran tried to reach what its sandbox keeps from it. Already the first time is told.',
      impact: 'The sandbox held, as far as it knows. The code, or who asked for it, is hostile or badly wrong.',
      checks: [
        { ask: 'What did it try?', query: logql`{service_name=~".+"} | event_name=${sandboxEscape}` },
        {
          ask: 'In which run, and which files and hosts did it touch?',
          query: traceql`{ ${executionRun} && span.execution.sandbox.escape_attempted = true }`,
        },
        {
          ask: 'Did it hit other limits?',
          query: promql`sum by (execution_runtime, execution_limit) (increase(${executionLimitViolations}[1h]))`,
        },
      ],
      remedy: [
        'Stop the agent, keep the trace and the code.',
        'Take away the keys that the sandbox could reach.',
        'Find out whose words led to this code: a prompt injection looks exactly like this.',
      ],
    }),
  ]);
}

const auditRunbook = {
  impact: 'What the agent reached must be taken for known or changed until shown otherwise.',
  checks: [
    { ask: 'What exactly happened?', query: logql`{service_name=~".+"} | event_name=${violationLogged}` },
    {
      ask: 'Which permissions did it hold or ask for?',
      query: promql`sum by (permission_name, outcome) (increase(${permissionEscalationRequests}{${agentName}="$agent_name"}[1h]))`,
    },
    {
      ask: 'Which skills did it use?',
      query: promql`topk(10, sum by (skill_name) (increase(${skillAccessAllowed}{${agentName}="$agent_name"}[1h])))`,
    },
  ],
  remedy: [
    'Stop the agent and take away its extra permissions. Keep its trace: it is the evidence.',
    'Undo what it did; change keys that it could read.',
    'Close the way it took, then start it again.',
  ],
} as const;

interface FirstEvent extends Pick<Runbook, 'meaning' | 'impact' | 'checks' | 'remedy'> {
  events: Query;
  proof: SeriesOf;
  summary: string;
  description: string;
}

/** Critical at the first event, and for as long as somebody needs to notice. */
function firstEvent(name: string, { events, proof, summary, description, ...runbook }: FirstEvent) {
  return alert(name, {
    spec: ['A16'],
    team: 'security',
    levels: [{ severity: 'critical', over: 0, for: '30s', keepFiringFor: '15m' }],
    when: ({ over }) => promql`${events} > ${over}`,
    summary,
    description,
    dashboard: 'skill-access',
    variables: { agent: 'agent_name' },
    runbook,
    proof: ({ over }) => burst(proof, { over, within: '15m' }),
  });
}

export default twin('yml', ruleFile(security(targets), compose));
