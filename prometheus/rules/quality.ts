import { codeChanges } from '../../instrumentation/src/catalog/code.ts';
import {
  gateSeverity,
  gateStatus,
  gateType,
  qualityGateChecks,
  qualityGateSpan,
} from '../../instrumentation/src/catalog/commands.ts';
import {
  concurrentSessions,
  frameworkSessionType,
  sessionDuration,
  sessionSpan,
  sessionType,
} from '../../instrumentation/src/catalog/sessions.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { alert, type Check } from '../kit/alert.ts';
import { countOf } from '../kit/count-of.ts';
import { counted } from '../kit/counted.ts';
import type { Duration } from '../kit/duration.ts';
import { group } from '../kit/group.ts';
import { share } from '../kit/proof.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

const gate = (status: string, severity = 'blocking', type = 'lint') =>
  series(qualityGateChecks, { status, severity, gate_type: type });

const failed = 'status=~"failed|error"';
/** A failed gate of severity info means nothing for what comes after it. */
const counts = 'severity!="info"';

/** By the window that they look at. */
const gatesCounted = { '10m': gatesIn('10m'), '1h': gatesIn('1h') };

function gatesIn(within: Duration) {
  return {
    failed: counted(`environment:gates_failed:increase${within}`, promql`${qualityGateChecks}{${failed},${counts}}`, {
      ...{ within, means: 'gates that count and were failed or broken' },
      ...{ like: gate('failed'), unlike: [gate('passed'), gate('failed', 'info')] },
    }),
    all: counted(`environment:gates:increase${within}`, promql`${qualityGateChecks}{${counts}}`, {
      ...{ within, means: 'gates that count' },
      ...{ like: gate('passed'), unlike: [gate('passed', 'info')] },
    }),
  };
}

/** The gate that looks whether what was written is documented. */
const documentation = 'gate_type="documentation"';

export const undocumented = counted(
  'environment:documentation_missing:increase6h',
  promql`${qualityGateChecks}{${documentation},${failed}}`,
  {
    ...{ within: '6h', means: 'pieces of code without documentation' },
    like: gate('failed', 'info', 'documentation'),
    unlike: [gate('failed', 'info'), gate('passed', 'info', 'documentation')],
  },
);

const documentable = counted(
  'environment:documentation_checked:increase6h',
  promql`${qualityGateChecks}{${documentation}}`,
  {
    ...{ within: '6h', means: 'pieces of code that were looked at for documentation' },
    like: gate('passed', 'info', 'documentation'),
    unlike: [gate('passed', 'info')],
  },
);

const session = (outcome: string) => series(countOf(sessionDuration), { session_type: 'chat', outcome });
const ofSessions = { by: [sessionType], within: '15m' } as const;

const sessionsFailed = counted('session:failed:increase15m', promql`${sessionDuration}_count{outcome="failure"}`, {
  ...{ ...ofSessions, means: 'sessions that failed' },
  like: session('failure'),
  unlike: [session('success')],
});

const sessionsEnded = counted('session:ended:increase15m', promql`${sessionDuration}_count{outcome!="cancelled"}`, {
  ...{ ...ofSessions, means: 'sessions that ended' },
  like: session('success'),
  unlike: [session('cancelled')],
});

const whichGates: Check = {
  ask: 'Which gates fail?',
  query: promql`topk(5, sum by (${gateType}, ${gateSeverity}) (increase(${qualityGateChecks}{${failed},${counts}}[1h])))`,
};

/** Is what comes out good? (A17, A18) */
export function quality({ steps, gates, quality: limits, enough }: Targets) {
  return group(
    'quality',
    [
      ...Object.values(gatesCounted).flatMap(({ failed, all }) => [failed, all]),
      undocumented,
      documentable,
      sessionsFailed,
      sessionsEnded,
      alert('GateFailuresHigh', {
        spec: ['A17', 'A18'],
        team: 'fleet',
        levels: [
          { severity: 'high', over: steps.gates, within: '10m', for: '2m', keepFiringFor: '10m' },
          { severity: 'warning', over: exact(1 - gates.least), within: '1h', for: '10m', keepFiringFor: '30m' },
        ],
        when: ({ over, within }) =>
          promql`${gatesCounted[within].failed} / ${gatesCounted[within].all} > ${over} and ${gatesCounted[within].all} >= ${enough.gates}`,
        summary: 'Too many quality gates fail',
        description: ({ within }) =>
          `{{ $value | humanizePercentage }} of the quality gates of the last ${within} were failed or broken; those that are only for information are not counted.`,
        dashboard: 'development',
        runbook: {
          meaning: `Of the gates that count (warning and blocking), too many did not pass: more than ${steps.gates * 100} % within ten minutes, or fewer than ${gates.least * 100} % passed over an hour.`,
          impact: 'What was made is sent back and made again, or is let through though it is not good.',
          checks: [
            whichGates,
            {
              ask: 'What did a gate find?',
              query: traceql`{ ${qualityGateSpan} && span.status = "failed" }`,
            },
            {
              ask: 'Do gates break, rather than say no?',
              query: promql`sum by (${gateType}, ${gateStatus}) (increase(${qualityGateChecks}{status="error"}[1h]))`,
            },
          ],
          remedy: [
            'One gate: read what it finds, and tell the agent that writes.',
            'All gates: a model or a prompt has changed; go back to the former.',
            'A gate breaks: mend it; until then nothing is held to it.',
          ],
        },
        proof: ({ over, within }) =>
          share({ bad: gate('failed'), rest: gate('passed') }, { over, within, enough: enough.gates }),
      }),
      alert('GateDocumentationGap', {
        spec: ['A18'],
        team: 'fleet',
        levels: [{ severity: 'warning', over: limits.undocumented, for: '10m', keepFiringFor: '30m' }],
        when: ({ over }) => promql`${undocumented} / ${documentable} > ${over} and ${documentable} >= ${enough.gates}`,
        summary: 'Much of what agents write is not documented',
        description:
          '{{ $value | humanizePercentage }} of what the gate "documentation" looked at in the last 6 hours was not documented.',
        dashboard: 'development',
        runbook: {
          meaning:
            'The quality gate named "documentation" fails for too much of the code that agents write. That is what a fleet can measure of a gap in its documentation: how much it adds to it. A fleet without a gate of that name is never told; whether people find what is documented, CommandsUnknown and SessionFeedbackDeclining say.',
          impact: 'Nobody is held up today. People and agents who come later do not know what the code is for.',
          checks: [
            {
              ask: 'Since when?',
              query: promql`sum by (status) (increase(${qualityGateChecks}{${documentation}}[1h]))`,
            },
            {
              ask: 'What was not documented?',
              query: traceql`{ ${qualityGateSpan} && ${gateType} = "documentation" && span.status = "failed" }`,
            },
            {
              ask: 'Who wrote it, in which language?',
              query: promql`sum by (agent_name, code_language, code_framework) (increase(${codeChanges}[6h]))`,
            },
          ],
          remedy: [
            'Say in the prompt of the agent that writes what has to be documented, with an example.',
            'Make the gate blocking: then it is written before it is merged.',
            'The gate asks for what nobody needs: change the gate.',
          ],
        },
        proof: ({ over }) =>
          share(
            { bad: gate('failed', 'info', 'documentation'), rest: gate('passed', 'info', 'documentation') },
            { over, within: '6h', enough: enough.gates },
          ),
      }),
      alert('SessionFailuresHigh', {
        spec: ['A17'],
        team: 'fleet',
        levels: [{ severity: 'high', over: steps.sessions, for: '2m', keepFiringFor: '10m' }],
        when: ({ over }) =>
          promql`${sessionsFailed} / ${sessionsEnded} > ${over} and ${sessionsEnded} >= ${enough.sessions}`,
        summary: 'Too many {{ $labels.session_type }} sessions fail',
        description:
          '{{ $value | humanizePercentage }} of the {{ $labels.session_type }} sessions that ended in the last 15 minutes ended with an error.',
        dashboard: 'user-experience',
        runbook: {
          meaning: 'Of the sessions of one kind that ended, those that were called off left out, too many failed.',
          impact: 'Users, or agents that worked together, have lost what they were at.',
          checks: [
            {
              ask: 'What happened in a session that failed?',
              query: traceql`{ ${sessionSpan} && ${frameworkSessionType} = "$session_type" && status = error }`,
            },
            {
              ask: 'Do they fail at once, or after long? Seconds that half of them lasted:',
              query: promql`histogram_quantile(0.5, sum by (outcome, le) (rate(${sessionDuration}_bucket{${sessionType}="$session_type"}[15m])))`,
            },
            {
              ask: 'Are more of them open than usual?',
              query: promql`sum by (${sessionType}) (${concurrentSessions})`,
            },
          ],
          remedy: [
            'They fail at once: a setting, a key or a part is missing; see ServicePartDown.',
            'They fail after long: a limit on time or memory; see ServiceUtilizationHigh.',
            'With many agents only: one of them fails; see AgentErrorRateHigh.',
          ],
        },
        proof: ({ over }) =>
          share(
            { bad: session('failure'), rest: session('success') },
            { over, within: '15m', enough: enough.sessions },
          ),
      }),
    ],
    { interval: '1m', provedEvery: '5m' },
  );
}

function exact(value: number): number {
  return Number(value.toPrecision(12));
}

export default twin('yml', ruleFile(quality(targets), compose));
