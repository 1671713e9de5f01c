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
      'success|33.3 %',
      'runs|4  1 completed, 1 partial, 1 failed, 1 running',
      'executions|4  2 completed, 2 failed',
      'a run takes|5 min 20 s',
      'cost|$0.2800',
    ].join('\n'),
  );
  expect(json).toMatchObject({ hours: 24, orchestrations: { total: 4, running: 1 }, cost_micro_usd: 280_000 });
  expect((await runCommand(someFleet(), 'health 1')).text).toMatch(
    /^The last hour\nsuccess\|-\nruns\|1 {2}1 running\n/,
  );
  expect((await runCommand(new MemoryLedger(), 'health')).text).toMatch(
    /success\|-\nruns\|0\nexecutions\|0\n.*\nNothing ran\. Look further back: .*health 720$/s,
  );
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
  // What cannot be judged has not passed.
  const judged = async (line: string, minSuccess?: string) => {
    const ledger = line === 'health 1' ? someFleet() : new MemoryLedger();
    const { text, findings } = await runCommand(ledger, line, minSuccess === undefined ? {} : { minSuccess });
    return [findings, text.includes('\nNo run has ended in that time: it is not known to go well.')];
  };
  expect([await judged('health', '95'), await judged('health 1', '95')]).toEqual([
    ...[
      [true, true],
      [true, true],
    ],
  ]);
  expect([await judged('health'), await judged('health', '0')]).toEqual([
    ...[
      [false, false],
      [false, false],
    ],
  ]);
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
  const none = async (options: Record<string, string>) => (await runCommand(ledger, 'performance', options)).text;
  expect(await none({ agent: 'nobody' })).toBe('No agent "nobody" has begun anything yet.');
  expect(await none({ since: '1m' })).toBe('No agent has begun anything in that time. Look further back: --since 90d.');
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
  expect(text).toBe(
    [
      '$0.1000 and 3 min for nothing, since 2026-11-19 09:30Z: 35.7 % of $0.2800.',
      '',
      'WHY|TIMES|COST|LOST|WHAT IT IS',
      'failed|2|$0.1000|3 min|and nobody made it again',
      '',
      'WHY|TIMES|COST|LOST|FINGERPRINT|LATEST RUN|ERROR',
      'failed|2|$0.1000|3 min|0123456789ab|deploy-1|TimeoutError: no answer in 30 s',
    ].join('\n'),
  );
  expect(json).toMatchObject({
    ...{ spent_micro_usd: 280_000, lost: { times: 2, cost_micro_usd: 100_000 } },
    ...{ reasons: { failed: { times: 2 }, abandoned: { times: 0, cost_micro_usd: null } }, losses: [{ times: 2 }] },
  });
  expect((await runCommand(someFleet(), 'losses', { since: '1m' })).text).toBe(
    'Nothing was lost, since 2026-11-26 09:29Z.',
  );
});

test('B06 of very many kinds of losses the dearest are shown, and all are summed', async () => {
  const runs = Array.from({ length: 25 }, (_, i) => ({
    orchestration: someOrchestration(`r${i}`, {
      ...{ status: 'failed' as const, cost_micro_usd: 1000 * (i + 1), error_message: `kind ${i}` },
      error_fingerprint: `${i}`.padStart(12, '0'),
    }),
    ...{ executions: [], steps: [] },
  }));
  const { text, json } = await runCommand(new MemoryLedger(runs), 'losses');
  expect(text).toMatch(/\nfailed\|1\|\$0\.0250\|5 min\|000000000024\|r24\|kind 24\n/);
  expect(text).not.toMatch(/kind 4\n/);
  expect(text).toMatch(/\n5 cheaper ones are in --json\.$/);
  expect(json).toMatchObject({ lost: { times: 25, cost_micro_usd: 325_000 } });
});

test('R05 estimate says what runs will cost, and does not guess from too few', async () => {
  await expect(runCommand(someFleet(), 'estimate')).rejects.toThrow(
    'Cannot estimate: of 4 runs like that fewer than ten',
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
      'One of them: $1.00 in the middle, nine in ten below $1.00.',
      'From 10 runs like that.',
    ].join('\n'),
  );
  expect((await runCommand(ledger, 'estimate')).json).toMatchObject({ sample: 20, expected_micro_usd: 2e6 });
});

test('C02 cost tells where the day is heading, against its budget, what failed, and whose doing that is', async () => {
  const { text, findings, json } = await runCommand(someFleet(), 'cost', { exitCode: true });
  expect(text).toBe(
    [
      'spent today|$0.2400 in 9 h 30 min, 1.0 % of the budget',
      'by midnight|$0.6063',
      'per hour|$0.0253',
      'budget|$23.00 a day',
      'for nothing|$0.1000, 41.7 %: failed $0.1000',
      '',
      'AGENT|COST|OF ALL|TIMES|EACH|FAILED|TOKENS IN|OUT',
      'backend-agent|$0.1200|50.0 %|2|$0.0600|1|1000|200',
      'ops-agent|$0.0600|25.0 %|1|$0.0600|1|500|100',
      'qa-agent|$0.0600|25.0 %|1|$0.0600|-|500|100',
    ].join('\n'),
  );
  expect(findings).toBe(false);
  expect(json).toMatchObject({
    ...{ by: 'agent', spent_micro_usd: 240_000, failed_micro_usd: 100_000, budget_micro_usd: 23e6 },
    costs: [{ name: 'backend-agent', times: 2, failed: 1 }, {}, {}],
  });
  const above = await runCommand(someFleet(), 'cost', { budget: '0.5', exitCode: true });
  expect([above.findings, above.text.includes('$0.6063, above the budget')]).toEqual([true, true]);
  expect((await runCommand(someFleet(), 'cost', { budget: '0.5' })).findings).toBe(false);
  await expect(runCommand(someFleet(), 'cost', { budget: 'much' })).rejects.toThrow(RangeError);
  const none = (await runCommand(new MemoryLedger(), 'cost')).text;
  expect(none).toMatch(
    /^spent today\|- in 9 h 30 min\nby midnight\|-\n.*\n\nNothing has begun today\. .*--since 7d\.$/s,
  );
});

test.each([
  ['model', /\nMODEL\|.*\nclaude-sonnet-5\|\$0\.0600\|.*\|1\|\$0\.0600\|-\|500\|100/],
  ['task', /\nTASK\|/],
  ['tool', /\nTOOL\|[\s\S]*\nother than tools\|\$0\.0600\|100\.0 %\|-\|-\|-\|/],
  ['workflow', /\nWORKFLOW\|[\s\S]*\ndeploy\|\$0\.0400\|14\.3 %\|1\|\$0\.0400\|1\|/],
])('C02 cost by %s adds up to all that was spent', async (by, row) => {
  const { text, json } = await runCommand(someFleet(), 'cost', { by });
  expect(text).toMatch(row);
  const { spent_micro_usd, costs } = json as { spent_micro_usd: number; costs: { cost_micro_usd: number | null }[] };
  expect(costs.reduce((sum, { cost_micro_usd }) => sum + (cost_micro_usd ?? 0), 0)).toBe(spent_micro_usd);
  await expect(runCommand(someFleet(), 'cost', { by: `${by}s` })).rejects.toThrow(
    `Cannot use --by "${by}s": give one of agent, model, task, tool, workflow.`,
  );
});

test('C02 cost of another time has no midnight to head for, and is told by day', async () => {
  const { text, json } = await runCommand(someFleet(), 'cost', { since: '2d', until: '2026-11-26T08:00Z' });
  expect(text).toMatch(
    /^spent\|\$0\.1800, from 2026-11-24 09:30Z until 2026-11-26 08:00Z\nper day\|\$0\.0929, 0\.4 % of the budget of \$23\.00\nfor nothing\|/,
  );
  expect(json).toMatchObject({ projected_micro_usd: null, until: '2026-11-26T08:00:00.000Z' });
  const longAgo = await runCommand(someFleet(), 'cost', { since: '90d', until: '60d' });
  expect(longAgo.text).toMatch(/\n\nNothing began in that time\. Another one: --since 30d\.$/);
  await expect(runCommand(someFleet(), 'cost', { since: '2d', exitCode: true })).rejects.toThrow(RangeError);
});
