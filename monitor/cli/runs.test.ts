import { expect, test } from 'vitest';
import { MemoryLedger } from '../testing/memory-ledger.ts';
import { runCommand } from '../testing/run-command.ts';
import { someFleet } from '../testing/some-fleet.ts';
import { someOrchestration } from '../testing/some-run.ts';

test('R01 list shows the newest first, and goes on after the last row', async () => {
  const ledger = someFleet();
  const { text, json } = await runCommand(ledger, 'list');
  expect(text).toBe(
    [
      'RUN|STATUS|BEGAN|TOOK|TASKS|COST|WHAT',
      "it's running|running|12 min ago|-|-|-|-",
      'deploy-1|failed|1 h ago|1 min|1/2, 1 failed|$0.0400|Build and deploy',
      'build-2|partial|2 h ago|10 min|3/5, 2 failed|$0.1200+|Build and deploy',
      'build-1|completed|3 h ago|5 min|2/2|$0.1200|Build and deploy',
    ].join('\n'),
  );
  expect(json).toMatchObject({ orchestrations: [{ status: 'running' }, {}, {}, {}], next: null });

  const first = await runCommand(ledger, 'list', { limit: '2' });
  expect(first.text).toMatch(/\ndeploy-1\|.*\n\nThere are more: add --before deploy-1$/);
  expect(first.json).toMatchObject({ next: 'deploy-1' });
  const rest = await runCommand(ledger, 'list', { limit: '2', before: 'deploy-1' });
  expect(rest.text).toMatch(/^RUN.*\nbuild-2\|.*\nbuild-1\|.*$/);
  expect(rest.json).toMatchObject({ next: null });
  expect((await runCommand(ledger, 'list', { limit: '1' })).text).toMatch(/--before 'it'\\''s running'$/);
});

test('R01 list chooses by status and time, absolute where one asks for it', async () => {
  const ledger = someFleet();
  const rows = async (options: Record<string, string | true>) =>
    (await runCommand(ledger, 'list', options)).text.split('\n').slice(1);
  expect(await rows({ status: 'failed', absolute: true })).toEqual([
    'deploy-1|failed|2026-11-26 08:00:00Z|1 min|1/2, 1 failed|$0.0400|Build and deploy',
  ]);
  expect((await rows({ since: '2h' })).length).toBe(2);
  expect(await rows({ since: '2026-11-26T06:30Z', until: '2026-11-26T07:30Z' })).toEqual([
    expect.stringMatching(/^build-2/),
  ]);
  expect((await runCommand(ledger, 'list', { since: '1m' })).text).toBe(
    'No run is like that. See more without --since.',
  );
});

test.each([
  [{ status: 'done' }, 'Cannot use --status "done": give one of running, completed, failed, partial.'],
  [{ limit: '0' }, 'Cannot use --limit "0": give a whole number from 1 to 1000.'],
  [{ limit: '1e3' }, 'Cannot use --limit "1e3"'],
  [{ since: 'soon' }, 'Cannot read the time "soon"'],
  [{ since: '1h', until: '2h' }, 'Cannot look from 1h until 2h: it ends before it begins.'],
])('R01 list with %j is wrong usage', async (options, message) => {
  const listed = runCommand(someFleet(), 'list', options);
  await expect(listed).rejects.toThrow(RangeError);
  await expect(listed).rejects.toThrow(message);
});

test('R01 an empty ledger says so', async () => {
  expect((await runCommand(new MemoryLedger(), 'list')).text).toMatch(
    /^No run has been told yet\. .*docs\/monitor\.md\.$/,
  );
  await expect(runCommand(new MemoryLedger(), 'show latest')).rejects.toThrow('Cannot find the latest run');
});

test('R01 a page after a row that is not there is no empty page', async () => {
  await expect(runCommand(someFleet(), 'list', { before: 'nobody' })).rejects.toThrow('Cannot find the run "nobody"');
});

test('R01 executions are in the order in which they began; a run is named by id, a part of it, or as the latest', async () => {
  const ledger = someFleet();
  const { text, json } = await runCommand(ledger, 'executions build-1');
  expect(text).toBe(
    [
      'EXECUTION|AGENT|TASK|STATUS|BEGAN|TOOK|TRIES|FILES|COST|ERROR',
      'build-1-a|backend-agent|1|completed|3 h ago|2 min|1|-|$0.0600|-',
      'build-1-b|qa-agent|T-2|completed, healed|3 h ago|1 min|2|+3 ~5|$0.0600|-',
    ].join('\n'),
  );
  expect((await runCommand(ledger, 'executions id-build-1')).json).toEqual(json);
  expect((await runCommand(ledger, 'executions deplo')).text).toMatch(/deploy-1-a\|ops-agent/);
  expect((await runCommand(ledger, 'executions latest')).text).toBe('No agent has begun in it.');
  const page = await runCommand(ledger, 'executions build-1', { limit: '1' });
  expect(page.text).toMatch(/There are more: add --before build-1-a$/);
  const rest = await runCommand(ledger, 'executions build-1', { before: 'build-1-a' });
  expect(rest.text).toMatch(/^EXECUTION.*\nbuild-1-b.*$/);
});

test('R01 a run that is not there is a finding, one of several wrong usage', async () => {
  const nobody = runCommand(someFleet(), 'executions nobody');
  await expect(nobody).rejects.toThrow('Cannot find the run "nobody": no session id or id is it');
  await expect(nobody).rejects.not.toThrow(RangeError);
  const several = runCommand(someFleet(), 'executions build');
  await expect(several).rejects.toThrow('Cannot tell which run "build" is: build-2, build-1. Give more of it.');
  await expect(several).rejects.toThrow(RangeError);
});

test('R01 a message about a run steers no terminal, whether a person or the ledger names it', async () => {
  await expect(runCommand(someFleet(), 'executions "no\u001b[2J\u009bbody"')).rejects.toThrow('the run "no body"');
  const ids = ['same\u001b]0;owned\u0007-1', 'same\u001b[31m-2\n'];
  const ledger = new MemoryLedger(
    ids.map((id) => ({ orchestration: someOrchestration(id), executions: [], steps: [] })),
  );
  await expect(runCommand(ledger, 'executions same')).rejects.toThrow(
    /^Cannot tell which run "same" is: same-[12], same-[12]\. Give more of it\.$/,
  );
  await expect(runCommand(ledger, 'list', { status: 'x\u001b[2J' })).rejects.toThrow('Cannot use --status "x": give');
});

test('R01 agent tells how it does, then what it did last', async () => {
  const { text, json } = await runCommand(someFleet(), 'agent backend-agent');
  expect(text).toMatch(/^AGENT\|OPERATION\|TIMES.*\nbackend-agent\|-\|2\|1 \(50\.0 %\)\|/);
  expect(text.split('\n\n')[1]).toMatch(/^EXECUTION.*\nbuild-2-a\|.*\|TimeoutError: no answer in 30 s\nbuild-1-a\|/);
  expect(json).toMatchObject({ performance: [{ executions: 2 }], executions: [{}, {}], next: null });
  await expect(runCommand(someFleet(), 'agent nobody')).rejects.toThrow(
    'Cannot find the agent "nobody": it has done nothing. Look at "npm run monitor performance".',
  );
  await expect(runCommand(someFleet(), 'agent backend-agent', { since: '1h' })).rejects.toThrow('in that time');
});
