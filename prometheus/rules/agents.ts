import { agentRuns } from '../../instrumentation/src/catalog/agents.ts';
import { agentName } from '../../instrumentation/src/catalog/attributes.ts';
import { started } from '../../instrumentation/src/catalog/service.ts';
import { agentActiveTasks, agentLastHeartbeat } from '../../instrumentation/src/catalog/tasks.ts';
import { compose } from '../../place.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { duration } from '../kit/duration.ts';
import { group } from '../kit/group.ts';
import { environment } from '../kit/labels.ts';
import type { Proof } from '../kit/proof.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { type Phase, rises, type SeriesOf, series, stays } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

/** Does each agent live? (A08) */
export function agents({ silence }: Targets) {
  const expected = duration(silence.expectedSeconds);
  return group('agents', [
    alert('AgentSilent', {
      spec: ['A08'],
      team: 'fleet',
      levels: [{ severity: 'high', over: silence.seconds, for: '1m' }],
      // The last sign of life is looked for an hour back, so that a crashed process is missed too. NaN is what an agent
      // leaves that has retired: it compares with nothing. Who showed life a few times only, before, was a visitor.
      when: ({ over }) =>
        promql`time() - max by (${environment}, ${agentName}) (last_over_time(${agentLastHeartbeat}[${expected}])) > ${over} and max by (${environment}, ${agentName}) (changes(${agentLastHeartbeat}[${expected}] offset ${duration(over)})) >= ${silence.signsOfLife}`,
      summary: 'The agent {{ $labels.agent_name }} is silent',
      description:
        '{{ $labels.agent_name }} has shown no sign of life for {{ $value | humanizeDuration }}, and has not said that it retires.',
      dashboard: 'agent-detail',
      variables: { agent: 'agent_name' },
      runbook: {
        meaning:
          'An agent that worked or beat within the last hour does neither any more: its process is gone, its event loop stands still, or it waits for something that does not come.',
        impact: 'Its tasks stay where they are. Nobody else takes them unless the fleet was built so.',
        checks: [
          {
            ask: 'Does its process still run? No answer: it is gone.',
            query: promql`sum by (service_name, service_instance_id) (${agentActiveTasks}{${agentName}="$agent_name"})`,
          },
          {
            ask: 'Did it start again, or did anything start, at that time?',
            query: logql`{service_name=~".+"} | event_name=${started}`,
          },
          {
            ask: 'What was the last that it ended?',
            query: promql`sum by (agent_action, agent_status) (increase(${agentRuns}{${agentName}="$agent_name"}[1h]))`,
          },
        ],
        remedy: [
          'The process is gone: start it, and look for the reason in the last lines of its log.',
          'The process runs: take a stack of it (kill -USR1 opens the inspector), then restart it.',
          'It has finished on purpose: let it call heartbeat().retire().',
        ],
      },
      proof: () => silenceProof(series(agentLastHeartbeat), silence),
    }),
  ]);
}

/** Alive for 20 minutes, then not; and those who must not be missed. */
function silenceProof(of: SeriesOf, silence: Targets['silence']): Proof {
  const over = silence.seconds / 60;
  const hour = silence.expectedSeconds / 60;
  const alive: Phase = [rises(of, 60), 20];
  const dead = stays(of, 1200);
  const other = series(of.metric, { instance: 'fleet-2', service_instance_id: 'fleet-2' });
  /** Shows life so many times, at each of as many samples, in the first minutes. */
  const visit = (signs: number): Phase => [rises(of, 60), signs / 4];
  const still = (signs: number, lasts: number): Phase => [stays(of, signs * 15), lasts - signs / 4];
  const [enough, few] = [silence.signsOfLife, silence.signsOfLife - 1];
  const long = over + 30;
  return {
    before: [alive],
    bad: dead,
    // Always as old as is allowed.
    good: rises(of, 60, 1215 - silence.seconds),
    recovered: rises(of, 60, 1500 + silence.seconds),
    value: silence.seconds + 120,
    trueAfter: over + 1,
    falseAfter: 1,
    settles: 1,
    also: [
      { title: 'is told when the process is gone', phases: [alive, [[], hour - 10]], told: 'at the end' },
      { title: 'is no longer told after the hour', phases: [alive, [[], hour + 30]], told: { notFrom: 20 + hour } },
      {
        title: 'is not told of one that retired',
        phases: [alive, [stays(of, Number.NaN), 5], [[], hour + 30]],
        told: { notFrom: 0 },
      },
      {
        title: 'is not told while another process has the agent',
        phases: [alive, [rises(other, 60, 1215), long]],
        told: { notFrom: 0 },
      },
      { title: 'is told of one that was here', phases: [visit(enough), still(enough, over + 5)], told: 'at the end' },
      { title: 'is not told of a visitor', phases: [visit(few), still(few, long)], told: { notFrom: 0 } },
      {
        title: 'is not told of a visitor who was here before',
        phases: [
          visit(few),
          still(few, 5),
          [[], hour + 40],
          visit(few),
          [stays(of, (hour + 45) * 60 + few * 15), long - few / 4],
        ],
        told: { notFrom: 0 },
      },
    ],
  };
}

export default twin('yml', ruleFile(agents(targets), compose));
