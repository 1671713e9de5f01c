/**
 * Each trouble of the demo raises the alerts that it should, soon enough, and no others; without trouble there are none. In the
 * real Prometheus and Alertmanager, on the real clock. Everything turns `factor` times faster: fleet, targets and rules. (A20)
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa, execaSync } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Process } from '../../engine/processes.ts';
import { type FaultKind, faultKinds } from '../../examples/fleet/demo/faults.ts';
import { address } from '../../place.ts';
import { groups } from '../../prometheus/groups.ts';
import { type Fault, readFaults } from '../../prometheus/history/faults.ts';
import { faster } from '../../prometheus/kit/faster.ts';
import { targets } from '../../prometheus/targets.ts';
import { quickPrometheus } from '../stack/quickened.ts';
import { startStack, type TestStack } from '../stack/stack.ts';
import { type Spell, watchAlerts } from './alert-watch.ts';
import { memories } from './memory.ts';

const factor = 10;
const workflowsAMinute = 3;

/** When a trouble is on, in seconds of the run, what it must raise, and how soon after its begin. */
interface Expected {
  on: [from: number, to: number];
  raises: Record<string, number>;
  /** What may follow from it, if chance will have it so. */
  mayRaise?: string[];
}

const slowTasks = ['FleetTasksSlow high', 'AgentTasksSlow warning'];
const failedWork = [
  'FleetErrorRateHigh critical',
  'AgentErrorRateHigh warning',
  'WorkflowFailureRateHigh high',
  'WorkflowFailureRateHigh warning',
  'SessionFailuresHigh high',
  'DelegationFailuresHigh high',
  'WorkflowSuccessBudgetBurn critical',
  'WorkflowSuccessBudgetBurn high',
];

const expected: Record<FaultKind, Expected> = {
  'error-spike': {
    on: [60, 115],
    raises: { 'FleetErrorRateHigh critical': 60, 'WorkflowFailureRateHigh high': 80 },
    // Another model is asked, and again: that takes time.
    mayRaise: [...failedWork, ...slowTasks, 'ServicePartDown critical', 'AgentRetryStorm high'],
  },
  'slow-model': { on: [135, 195], raises: { 'FleetTasksSlow high': 75, 'AgentTasksSlow warning': 75 } },
  'stuck-approvals': {
    on: [215, 405],
    raises: { 'ApprovalsPending high': 190, 'ApprovalResponseSlow high': 230 },
    mayRaise: [...slowTasks, 'ApprovalResponseBudgetBurn high', 'ApprovalResponseBudgetBurn critical'],
  },
  'silent-agent': { on: [435, 495], raises: { 'AgentSilent high': 55 }, mayRaise: slowTasks },
  'queue-backlog': { on: [515, 565], raises: { 'QueueBacklogHigh critical': 50 }, mayRaise: slowTasks },
  // Ten times the tokens take longer to write, too.
  'cost-spike': {
    on: [585, 705],
    // The run rate is that of an hour, which has to fill; then it must hold for ten minutes.
    raises: { 'TokenUsageHigh info': 60, 'CostUnusual warning': 150 },
    mayRaise: [...slowTasks, 'AgentTokensUnusual warning'],
  },
  'rogue-package': {
    on: [735, 785],
    raises: { 'SecuritySandboxEscape critical': 65 },
    mayRaise: ['AuditViolationsRepeated high'],
  },
  'unknown-model': { on: [805, 855], raises: { 'CostUnknown warning': 65 } },
  'denied-skills': {
    on: [875, 945],
    raises: { 'PermissionDenialsSpike high': 70 },
    // Work is tried again, reviewed again, and fails.
    mayRaise: [...failedWork, ...slowTasks, 'TokenUsageHigh info', 'WorkflowSlow warning'],
  },
};

/** Windows of error budgets that are longer than the run remember every trouble before. */
const long = /BudgetBurn (warning|info)$/;

/** Until then each alert may still tell of what is over, in seconds of the run; with some for the ways between the parts. */
const remembered = memories(groups(faster(targets, factor)));
const memoryOf = (alert: string) => (remembered.get(alert) as number) / factor + 15;

/** The last day of an ordinary fleet, where rules compare with it: without it they say nothing. */
const ordinary = {
  'environment:permission_denials:added10m{deployment_environment_name="demo"}': 2,
  'environment:agent_cost_usd:run_rate_per_day{deployment_environment_name="demo"}': 2,
};

const temporary = mkdtempSync(join(tmpdir(), 'fleetscope-faults-'));
let stack: TestStack;
let spells: Spell[];
let faults: Fault[];
let startedAt: number;
let endedAt: number;

beforeAll(async () => {
  stack = await startStack((all) => all.map(quickened));
  const over = new AbortController();
  const watching = watchAlerts(stack.targets.alertmanager, over.signal);
  startedAt = Date.now() / 1000;
  await execa(
    process.execPath,
    [
      'scripts/demo.ts',
      ...['--endpoint', `http://${address(stack.place, 'collector', 'grpc')}`],
      ...['--rate', String(workflowsAMinute * factor), '--speed', String(factor), '--for', '970', '--json', '--fault'],
      ...faultKinds.map((kind) => `${kind}@${expected[kind].on.join('..')}`),
    ],
    {
      cwd: `${import.meta.dirname}/../..`,
      env: { FLEETSCOPE_HOME: stack.home, OTEL_METRIC_EXPORT_INTERVAL: '1000' },
    },
  );
  endedAt = Date.now() / 1000;
  over.abort();
  spells = await watching;
  faults = readFaults(join(stack.home, 'data', 'faults.jsonl'), true, Date.now() / 1000);
  console.log(spells.map(shown).join('\n'));
}, 1_200_000);
afterAll(async () => {
  await stack?.stop();
  rmSync(temporary, { recursive: true });
});

test('A20 a fleet without trouble raises nothing', () => {
  expect(between(startedAt, (faults[0] as Fault).from).map(shown)).toEqual([]);
});

describe.each(faultKinds)('%s', (kind) => {
  const { raises } = expected[kind];

  test.each(Object.entries(raises))('A20 raises %s within %i s', (alert, withinSeconds) => {
    const { from } = fault(kind);
    const spell = spells.find((each) => each.alert === alert && each.from >= from && each.from <= until(kind));
    expect(spell, `of ${spells.map(shown).join('\n')}`).toBeDefined();
    expect((spell as Spell).from - from).toBeLessThan(withinSeconds);
  });

  test('A20 raises nothing else', () => {
    const unexplained = between(fault(kind).from, until(kind)).filter((spell) => !faultKinds.some(explains(spell)));
    expect(unexplained.map(shown)).toEqual([]);
  });

  test('A20 is told as over once it is', () => {
    const stillOpen = between(fault(kind).from, until(kind)).filter(
      ({ alert, to }) => to === Infinity && endedAt - fault(kind).to > memoryOf(alert),
    );
    expect(stillOpen.map(shown)).toEqual([]);
  });
});

/** A trouble explains what it must or may raise, from its begin until such an alert has forgotten it. */
function explains({ alert, from }: Spell) {
  return (kind: FaultKind): boolean => {
    const { raises, mayRaise = [] } = expected[kind];
    const trouble = fault(kind);
    if (!(alert in raises) && !mayRaise.includes(alert)) return false;
    return from >= trouble.from && from <= trouble.to + memoryOf(alert);
  };
}

function fault(kind: FaultKind): Fault {
  const found = faults.find((each) => each.kind === kind);
  if (!found) throw new Error(`The demo wrote down no ${kind}: ${JSON.stringify(faults)}`);
  return found;
}

/** What begins before the next trouble does is this one's. */
function until(kind: FaultKind): number {
  const { to } = fault(kind);
  return faults.find(({ from }) => from >= to)?.from ?? Infinity;
}

function between(from: number, to: number): Spell[] {
  return spells.filter(
    (spell) => spell.alert !== 'Watchdog none' && !long.test(spell.alert) && spell.from >= from && spell.from < to,
  );
}

function shown({ alert, about, from, to }: Spell): string {
  return `${Math.round(from - startedAt)}..${Math.round(to - startedAt)} ${alert} ${about}`;
}

/** Prometheus with the same rules in less time, and with an ordinary day behind it. */
function quickened(process: Process): Process {
  if (process.component !== 'prometheus') return process;
  rememberADay(process);
  return quickPrometheus(process, factor);
}

function rememberADay({ program, folders: [data = ''] }: Process): void {
  const now = Math.floor(Date.now() / 1000);
  const lines = Object.entries(ordinary).flatMap(([series, value]) => {
    const times = Array.from({ length: 86_400 / factor / 10 }, (_, at) => now - 86_400 / factor + 10 * at);
    return [`# TYPE ${series.replace(/\{.*/, '')} gauge`, ...times.map((time) => `${series} ${value} ${time}`)];
  });
  const file = join(temporary, 'ordinary.om');
  writeFileSync(file, `${lines.join('\n')}\n# EOF\n`);
  mkdirSync(data, { recursive: true });
  execaSync(join(dirname(program), 'promtool'), ['tsdb', 'create-blocks-from', 'openmetrics', file, data]);
}
