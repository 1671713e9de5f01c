import { agentRuns } from '../../instrumentation/src/catalog/agents.ts';
import { agentName } from '../../instrumentation/src/catalog/attributes.ts';
import { agentCost, agentTokens } from '../../instrumentation/src/catalog/llm.ts';
import {
  denialReason,
  permissionEscalationRequests,
  skillAccessAllowed,
  skillAccessDenied,
  skillDenied,
  skillName,
} from '../../instrumentation/src/catalog/security.ts';
import { compose } from '../../place.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { counted, countedProof } from '../kit/counted.ts';
import { group } from '../kit/group.ts';
import { environment } from '../kit/labels.ts';
import { type Answer, record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { unusual as proved, usual } from '../kit/usual.ts';
import { grows, series } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';
import { costRunRate, forWhat, inWhat, whoSpends } from './cost.ts';

const refused = counted(
  'environment:permission_denials:added10m',
  promql`{__name__=~"${skillAccessDenied}|${permissionEscalationRequests}",outcome=~"|failure"}`,
  {
    within: '10m',
    means: 'skills and permissions refused',
    like: series(permissionEscalationRequests, { outcome: 'failure' }),
    unlike: [
      series(permissionEscalationRequests, { outcome: 'success' }),
      series(permissionEscalationRequests, { outcome: 'cancelled' }),
    ],
    exactly: true,
  },
);

/** Skills and permissions refused to agents; 0 as soon as skills are asked for at all. */
export const permissionDenials = record(
  refused.name,
  promql`${refused.query} or 0 * sum by (${environment}) (${skillAccessAllowed})`,
  refused.means,
  [
    ...refused.proof,
    ...alike(countedProof([environment], { within: '10m', like: series(skillAccessDenied), exactly: true })),
    {
      title: 'is 0 before the first denial',
      world: grows(series(skillAccessAllowed), 1),
      answers: [{ labels: { [environment]: 'production' }, value: 0 }],
    },
  ],
);

export const permissionDenialsUsual = usual('environment:permission_denials:usual1d', permissionDenials, '10m');

const asked = counted(
  'agent:skill_accesses:added30m',
  promql`{__name__=~"${skillAccessAllowed}|${skillAccessDenied}"}`,
  {
    by: [agentName],
    within: '30m',
    means: 'skills an agent asked for',
    like: series(skillAccessDenied),
    exactly: true,
  },
);

/** Allowed or not. */
export const skillAccesses = {
  ...asked,
  proof: [
    ...asked.proof,
    ...alike(
      countedProof([environment, 'agent_name'], { within: '30m', like: series(skillAccessAllowed), exactly: true }),
    ),
  ],
};

const skillAccessesUsual = usual('agent:skill_accesses:usual1d', skillAccesses, '30m');

const agentTokensSpent = counted('agent:tokens:added30m', agentTokens, {
  by: [agentName],
  within: '30m',
  means: 'tokens an agent spent',
  like: series(agentTokens),
  exactly: true,
});

const agentTokensUsual = usual('agent:tokens:usual1d', agentTokensSpent, '30m');

const costRunRateUsual = usual('environment:agent_cost_usd:usual1d', costRunRate, '1h');

/** The same of the other of two counters. */
function alike(answers: readonly Answer[]): Answer[] {
  return answers.map((answer) => ({ ...answer, title: `${answer.title}: the other counter` }));
}

/** Does somebody do far more of something than they usually do? (A05, A09, A18) */
export function unusual({ denials, unusual: limits }: Targets) {
  return group(
    'unusual',
    [
      permissionDenials,
      permissionDenialsUsual,
      skillAccesses,
      skillAccessesUsual,
      agentTokensSpent,
      agentTokensUsual,
      costRunRateUsual,
      alert('PermissionDenialsSpike', {
        spec: ['A05'],
        team: 'security',
        levels: [{ severity: 'high', over: denials.factor, for: '2m', keepFiringFor: '10m' }],
        when: ({ over }) =>
          promql`${permissionDenials} > ${over} * ${permissionDenialsUsual} and ${permissionDenials} >= ${denials.atLeast}`,
        summary: 'Agents are refused far more often than usual',
        description: '{{ $value | humanize }} skills and permissions were refused in 10 minutes.',
        dashboard: 'skill-access',
        runbook: {
          meaning: 'Refused skills and permissions in ten minutes are several times what they are nine times in ten.',
          impact: 'Agents cannot do their work, or one tries what it should not.',
          checks: [
            {
              ask: 'Which agent, which skill, and why?',
              query: promql`topk(10, sum by (${agentName}, ${skillName}, ${denialReason}) (increase(${skillAccessDenied}[10m])))`,
            },
            {
              ask: 'Which permissions?',
              query: promql`sum by (${agentName}, permission_name) (increase(${permissionEscalationRequests}{outcome="failure"}[10m]))`,
            },
            { ask: 'What did each refusal say?', query: logql`{service_name=~".+"} | event_name=${skillDenied}` },
          ],
          remedy: [
            'A new policy took something away that is needed: give it back, or change the agent.',
            'One agent tries what it never did: stop it and read its trace. Somebody may be telling it to.',
          ],
        },
        proof: ({ over }) => proved(series(skillAccessDenied), { over, within: '10m', atLeast: denials.atLeast }),
      }),
      alert('SkillAccessUnusual', {
        spec: ['A09'],
        team: 'security',
        levels: [{ severity: 'warning', over: limits.factor, for: '5m', keepFiringFor: '15m' }],
        when: ({ over }) =>
          promql`${skillAccesses} > ${over} * ${skillAccessesUsual} and ${skillAccesses} >= ${limits.skillAccesses}`,
        summary: 'The agent {{ $labels.agent_name }} asks for skills far more often than usual',
        description:
          '{{ $labels.agent_name }} asked for skills {{ $value | humanize }} times in 30 minutes: several times what it does nine times in ten.',
        dashboard: 'skill-access',
        variables: { agent: 'agent_name' },
        runbook: {
          meaning: 'An agent asks for skills several times as often as on nine of ten occasions of its own last day.',
          impact: 'Perhaps none: more work. Perhaps an agent that goes round in circles, or that is being steered.',
          checks: [
            {
              ask: 'Which skills, compared with yesterday?',
              query: promql`topk(10, sum by (${skillName}) (increase(${skillAccessAllowed}{${agentName}="$agent_name"}[30m])))`,
            },
            {
              ask: 'Are some denied, and why?',
              query: promql`sum by (${skillName}, ${denialReason}) (increase(${skillAccessDenied}{${agentName}="$agent_name"}[30m]))`,
            },
            {
              ask: 'What did it do with them?',
              command: 'Open the newest trace of the agent from the dashboard Agent detail',
            },
          ],
          remedy: [
            'More work than usual: nothing is wrong.',
            'The same skill again and again: stop the run, limit its steps.',
            'Skills that it never used: treat it as AuditViolationsRepeated.',
          ],
        },
        proof: ({ over }) => proved(series(skillAccessAllowed), { over, within: '30m', atLeast: limits.skillAccesses }),
      }),
      alert('AgentTokensUnusual', {
        spec: ['A18'],
        team: 'fleet',
        levels: [{ severity: 'warning', over: limits.factor, for: '10m', keepFiringFor: '15m' }],
        when: ({ over }) =>
          promql`${agentTokensSpent} > ${over} * ${agentTokensUsual} and ${agentTokensSpent} >= ${limits.tokens}`,
        summary: 'The agent {{ $labels.agent_name }} spends far more tokens than usual',
        description:
          '{{ $labels.agent_name }} spent {{ $value | humanize }} tokens in 30 minutes: several times what it spends nine times in ten.',
        dashboard: 'agent-detail',
        variables: { agent: 'agent_name' },
        runbook: {
          meaning:
            'An agent spends several times the tokens that it spent on nine of ten occasions of its own last day.',
          impact: 'Money, and often a sign of an agent that goes round in circles.',
          checks: [
            {
              ask: 'More runs, or more tokens in each?',
              query: promql`sum(increase(${agentRuns}{${agentName}="$agent_name"}[30m]))`,
            },
            {
              ask: 'Which model, and which kind of token? Much input: the conversation grows. Little cache: the prompt changed.',
              query: promql`sum by (gen_ai_request_model, token_kind) (increase(${agentTokens}{${agentName}="$agent_name"}[30m]))`,
            },
            { ask: 'What does it do?', command: 'Open the newest trace of the agent from the dashboard Agent detail' },
          ],
          remedy: [
            'It goes round in circles: stop the run, limit its steps.',
            'There is more work than usual: nothing is wrong; see CostRunRateHigh for the money.',
          ],
        },
        proof: ({ over }) => proved(series(agentTokens), { over, within: '30m', atLeast: limits.tokens }),
      }),
      alert('CostUnusual', {
        spec: ['A15', 'A18'],
        team: 'finops',
        levels: [{ severity: 'warning', over: limits.factor, for: '10m', keepFiringFor: '30m' }],
        when: ({ over }) =>
          promql`${costRunRate} > ${over} * ${costRunRateUsual} and ${costRunRate} >= ${limits.usdPerDay}`,
        summary: 'The fleet spends far more than usual',
        description:
          'At the rate of the last hour, {{ $value | printf "%.2f" }} USD a day: several times what it is nine times in ten.',
        dashboard: 'cost',
        runbook: {
          meaning: 'The last hour cost several times what an hour cost on nine of ten occasions of the last day.',
          impact: 'Money, and often a sign of agents that go round in circles.',
          checks: [whoSpends, inWhat, forWhat],
          remedy: [
            'One agent: see AgentTokensUnusual.',
            'All of them: more work, a new prompt, a price that changed, a cache that no longer helps.',
          ],
        },
        proof: ({ over }) => proved(series(agentCost), { over, within: '1h', atLeast: limits.usdPerDay, each: 24 }),
      }),
    ],
    // A day is looked at for each: once a minute is soon enough, and in a proof every fifth.
    { interval: '1m', provedEvery: '5m' },
  );
}

export default twin('yml', ruleFile(unusual(targets), compose));
