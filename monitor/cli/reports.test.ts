import { expect, test } from 'vitest';
import { MemoryLedger } from '../testing/memory-ledger.ts';
import { runCommand } from '../testing/run-command.ts';
import { someFleet } from '../testing/some-fleet.ts';
import { someExecution, someOrchestration } from '../testing/some-run.ts';

test('R01 health counts what began in the last hours', async () => {
  const { text, json } = await runCommand(someFleet(), 'health');
  expect(text).toBe(
    [
      'The last 24 hours',
      'runs|4  1 completed, 1 partial, 1 failed, 1 running',
      'executions|4  2 completed, 2 failed',
      'success|33.3 %',
      'a run takes|5 min 20 s',
      'cost|$0.2800',
    ].join('\n'),
  );
  expect(json).toMatchObject({ hours: 24, orchestrations: { total: 4, running: 1 }, cost_micro_usd: 280_000 });
  expect((await runCommand(someFleet(), 'health 1')).text).toMatch(/^The last 1 hour\nruns\|1 {2}1 running\n/);
  expect((await runCommand(new MemoryLedger(), 'health')).text).toMatch(/runs\|0\nexecutions\|0\nsuccess\|-\n/);
});

test('R01 health is a finding below the success that is asked for, and only then', async () => {
  const findings = async (minSuccess?: string) =>
    (await runCommand(someFleet(), 'health', minSuccess === undefined ? {} : { minSuccess })).findings;
  expect([await findings(), await findings('33'), await findings('34'), await findings('99.9 %')]).toEqual([
    false,
    false,
    true,
    true,
  ]);
  // Nothing has ended: there is nothing to judge.
  expect((await runCommand(new MemoryLedger(), 'health', { minSuccess: '99' })).findings).toBe(false);
  await expect(findings('101')).rejects.toThrow(RangeError);
  await expect(runCommand(someFleet(), 'health never')).rejects.toThrow('Cannot use the hours "never"');
});

test('R01 performance tells times, failures and throughput per agent and operation', async () => {
  const executions = Array.from({ length: 100 }, (_, i) =>
    someExecution(`e${i}`, {
      ...{ operation: i % 2 === 0 ? 'plan' : 'write', duration_ms: 1000 * (i + 1), cost_micro_usd: 100 },
      ...{ status: i < 4 ? 'failed' : 'completed', started_at: '2026-11-26T08:00:00.000Z' },
    }),
  );
  const ledger = new MemoryLedger([{ orchestration: someOrchestration('x'), executions, steps: [] }]);
  const { text, json } = await runCommand(ledger, 'performance', { since: '2h', until: 'now' });
  expect(text.split('\n')).toEqual([
    'AGENT|OPERATION|TIMES|FAILED|PER HOUR|MIN|MEAN|P50|P95|P99|MAX|COST',
    'backend-agent|plan|50|2 (4.0 %)|25|1.00 s|50 s|49 s|1 min 35 s|1 min 39 s|1 min 39 s|$0.0050',
    'backend-agent|write|50|2 (4.0 %)|25|2.00 s|51 s|50 s|1 min 36 s|1 min 40 s|1 min 40 s|$0.0050',
  ]);
  expect(json).toMatchObject([{ p95_ms: 95_000, error_rate: 0.04 }, { p95_ms: 96_000 }]);
  expect((await runCommand(ledger, 'performance', { agent: 'nobody' })).text).toBe(
    'No agent has begun anything in that time.',
  );
});

test('B06 failures are grouped by fingerprint, with what they cost', async () => {
  const { text, json, findings } = await runCommand(someFleet(), 'failures');
  expect(text).toBe(
    [
      'FINGERPRINT|TIMES|FIRST|LAST|LOST|COST|LATEST RUN|ERROR',
      '0123456789ab|2|2 h ago|1 h ago|3 min|$0.1200|deploy-1|TimeoutError: no answer in 30 s',
      '',
      '2 failures of 1 kind: 3 min and $0.1200 for nothing.',
    ].join('\n'),
  );
  expect(json).toMatchObject([{ times: 2, sessions: ['deploy-1', 'build-2'] }]);
  expect(findings).toBe(false);
  expect((await runCommand(someFleet(), 'failures', { exitCode: true })).findings).toBe(true);
  const none = await runCommand(someFleet(), 'failures 5', { since: '10m', exitCode: true });
  expect([none.text, none.findings]).toEqual(['Nothing has failed.', false]);
  await expect(runCommand(someFleet(), 'failures -1')).rejects.toThrow(RangeError);
});

test('B06 losses tell what bought nothing, by reason and by error', async () => {
  const { text, json } = await runCommand(someFleet(), 'losses');
  expect(text).toMatch(
    /^\$0\.1000 and 3 min for nothing, in 4 runs that cost \$0\.2800: 35\.7 % of the money\.\n\nWHY/,
  );
  expect(text).toMatch(/\nfailed\|2\|\$0\.1000\|/);
  expect(text).toMatch(/\n0123456789ab\|2\|\$0\.1000\|.*\|failed\|deploy-1\|TimeoutError: no answer in 30 s/);
  expect(json).toMatchObject({ runs: 4 });
  expect((await runCommand(someFleet(), 'losses', { since: '1m' })).text).toBe('Nothing ran in that time.');
  const many = Array.from({ length: 450 }, (_, i) => someOrchestration(`r${String(i).padStart(3, '0')}`));
  const ledger = new MemoryLedger(many.map((orchestration) => ({ orchestration, executions: [], steps: [] })));
  expect((await runCommand(ledger, 'losses')).json).toMatchObject({ runs: 450, lost: { times: 0 } });
});

test('R05 estimate says what runs will cost, and does not guess from too few', async () => {
  await expect(runCommand(someFleet(), 'estimate')).rejects.toThrow(
    'Cannot estimate: of 4 runs like that fewer than five',
  );
  const runs = Array.from({ length: 20 }, (_, i) => ({
    ...{ executions: [], steps: [] },
    orchestration: someOrchestration(`r${i}`, {
      workflow_name: i < 10 ? 'a' : 'b',
      cost_micro_usd: i < 10 ? 1e6 : 3e6,
    }),
  }));
  const ledger = new MemoryLedger(runs);
  expect((await runCommand(ledger, 'estimate 10', { workflow: 'a' })).text).toBe(
    [
      '10 runs: about $10.00, nine times in ten from $10.00 to $10.00.',
      'One of them: $1.0000 in the middle, nine in ten below $1.0000.',
      'From 10 runs like that.',
    ].join('\n'),
  );
  expect((await runCommand(ledger, 'estimate')).json).toMatchObject({ sample: 20, expected_micro_usd: 2e6 });
});

test('C02 cost tells where the day is heading, against its budget, and whose doing that is', async () => {
  const { text, findings, json } = await runCommand(someFleet(), 'cost', { exitCode: true });
  expect(text).toBe(
    [
      'spent today|$0.2800, in 9 h 30 min',
      'budget|$23.00, 1.2 % of it spent',
      'per hour|$0.0295',
      'by midnight|$0.7074',
      'for nothing|$0.1200',
      '',
      'AGENT|OPERATION|TIMES|COST|EACH|OF ALL',
      'backend-agent|-|2|$0.1200|$0.0600|42.9 %',
      'ops-agent|-|1|$0.0600|$0.0600|21.4 %',
      'qa-agent|-|1|$0.0600|$0.0600|21.4 %',
    ].join('\n'),
  );
  expect(findings).toBe(false);
  expect(json).toMatchObject({ spent_micro_usd: 280_000, budget_micro_usd: 23e6, agents: [{ executions: 2 }, {}, {}] });
  const above = await runCommand(someFleet(), 'cost', { budget: '0.5', exitCode: true });
  expect([above.findings, above.text.includes('$0.7074, above the budget')]).toEqual([true, true]);
  expect((await runCommand(someFleet(), 'cost', { budget: '0.5' })).findings).toBe(false);
  await expect(runCommand(someFleet(), 'cost', { budget: 'much' })).rejects.toThrow(RangeError);
  expect((await runCommand(new MemoryLedger(), 'cost')).text).toMatch(/^spent today\|-, in .*\nby midnight\|-\n/s);
});
