/** The example and the commands of the document that the run ledger comes from, as they are written there, in a clean home. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentEnded, agentStarted, runEnded, runStarted } from '../../monitor/testing/some-facts.ts';
import { repository } from './command-line.ts';
import { record } from './monitor-command.ts';

const home = mkdtempSync(join(tmpdir(), 'fleetscope-commands-'));
const env = { FLEETSCOPE_HOME: home, FLEETSCOPE_MONITOR_DB: '' };
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Unchanged but for the import path. */
const example = `
import { getMonitor } from '${join(repository, 'monitor', 'get-monitor.ts')}';

const monitor = getMonitor();

// Start orchestration
const orchestrationId = monitor.startOrchestration({
  sessionId: 'my-session-123',
  taskDescription: 'Build and deploy',
  totalTasks: 5
});

// Start agent execution
const executionId = monitor.startAgentExecution({
  agentSessionId: 'agent-session-456',
  agentName: 'backend-agent',
  orchestrationId,
  taskNumber: 1
});

// Complete agent execution
monitor.completeAgentExecution({
  agentSessionId: 'agent-session-456',
  status: 'completed',
  filesCreated: 3,
  filesModified: 5
});

// Complete orchestration
monitor.completeOrchestration({
  sessionId: 'my-session-123',
  status: 'completed',
  completedTasks: 5,
  failedTasks: 0
});

const health = monitor.getSystemHealth(24);
const performance = monitor.getPerformanceReport();
const summary = monitor.getOrchestrationSummary('my-session-123');
`;

let told: Record<string, unknown>;
beforeAll(async () => {
  const program = join(home, 'example.ts');
  writeFileSync(
    program,
    `${example}\nconsole.log(JSON.stringify({ orchestrationId, executionId, health, performance, summary }));`,
  );
  const { stdout, stderr } = await execa(process.execPath, [program], { env, cwd: home });
  expect(stderr).toBe('');
  told = JSON.parse(stdout);
  const [day, agent] = [86_400, { agent_name: 'qa-agent' }];
  await record(join(home, 'data', 'monitor', 'ledger.db'), [
    runStarted('old-session', -40 * day),
    agentStarted('old-session', 'old-agent', -40 * day, agent),
    agentEnded('old-agent', -40 * day + 5, { status: 'failed', error_message: 'Test 17 failed' }),
    runEnded('old-session', -40 * day + 10, { status: 'failed' }),
  ]);
});

test('R03 the example runs as it is written, and gets its answers', () => {
  expect(told).toMatchObject({
    orchestrationId: expect.stringMatching(/./),
    executionId: expect.stringMatching(/./),
    health: { orchestrations: { total: 1, completed: 1 }, executions: { total: 1, completed: 1 }, successRate: 1 },
    performance: [{ agentName: 'backend-agent', executions: 1, failed: 0 }],
    summary: {
      orchestration: { sessionId: 'my-session-123', status: 'completed', totalTasks: 5, completedTasks: 5 },
      executions: [{ agentSessionId: 'agent-session-456', filesCreated: 3, filesModified: 5, taskNumber: 1 }],
    },
  });
});

/** By a shell, in the checkout, as a person types it. */
const typed = (line: string) => execa('bash', ['-c', line], { cwd: repository, env, reject: false, stdin: 'ignore' });

test.each<[line: string, says: RegExp]>([
  ['npm run monitor list', /my-session-123.*completed/],
  ['npm run monitor show my-session-123', /Build and deploy[\s\S]*backend-agent/],
  ['npm run monitor agent backend-agent', /agent-session-456/],
  ['npm run monitor executions my-session-123', /agent-session-456.*backend-agent.*completed/],
  ['npm run monitor health', /runs.*1/],
  ['npm run monitor health 48', /runs.*1/],
  ['npm run monitor performance', /backend-agent[\s\S]*qa-agent/],
  ['npm run monitor failures', /Test 17 failed/],
  ['npm run monitor failures 20', /Test 17 failed/],
  ['npm run monitor export', /^\[$[\s\S]*"session_id":"old-session"[\s\S]*"session_id":"my-session-123"[\s\S]*^\]$/m],
])('R01 %s', { timeout: 60_000 }, async (line, says) => {
  const { exitCode, stdout, stderr } = await typed(line);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(says);
});

test('R01 npm run monitor export <id> > file.json: JSON, below what npm says of itself; with --silent that alone', {
  timeout: 60_000,
}, async () => {
  const file = join(home, 'file.json');
  for (const silent of ['', '--silent ']) {
    const { exitCode, stderr } = await typed(`npm run ${silent}monitor export my-session-123 > '${file}'`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const text = readFileSync(file, 'utf8');
    const runs = JSON.parse(silent ? text : text.replace(/^(\n?> .*\n)+/, ''));
    expect(runs).toMatchObject([{ orchestration: { session_id: 'my-session-123' }, executions: [{}] }]);
  }
});

test('R01 options without "--" are refused where npm took them; its own are heeded; after "--" all are', {
  timeout: 120_000,
}, async () => {
  const other = `${home}/other.db`;
  const refused = [
    [`npm run monitor cleanup 30 --db=${other}`, `npm run monitor -- cleanup 30 --db=${other}`],
    ['npm run monitor health --min-success 95', 'npm run monitor -- health … --min-success=…'],
    ['npm run monitor failures --exit-code', 'npm run monitor -- failures --exit-code'],
    ['npm run monitor list --status failed', 'npm run monitor -- list … --status=…'],
    ['npm run monitor cleanup 30 --dryrun', 'npm run monitor -- cleanup 30 --dry-run'],
  ] as const;
  for (const [line, instead] of refused) {
    const { exitCode, stderr } = await typed(line);
    expect([line, exitCode]).toEqual([line, 2]);
    expect(stderr).toMatch(/^Cannot heed --.*: npm took it for its own\. Write "--" before the options: /m);
    expect(stderr.split('\n')).toContainEqual(expect.stringContaining(`Write "--" before the options: ${instead}`));
  }
  expect((await typed('npm run monitor cleanup 30 --dry-run')).stdout).toMatch(/Would remove 1 run /);
  const [db, gate] = [
    await typed(`npm run monitor -- cleanup 30 --db=${other}`),
    await typed('npm run monitor -- failures --exit-code'),
  ];
  expect([db.exitCode, gate.exitCode]).toEqual([1, 1]);
  expect(db.stderr).toMatch(/^Cannot open the ledger: there is none at /);
});

test('R01 npm run monitor cleanup 30: the old run goes with what is its, the new one stays', {
  timeout: 60_000,
}, async () => {
  const { exitCode, stdout, stderr } = await typed('npm run monitor cleanup 30');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/Removed 1 run .*, with 1 execution;/);
  const { stdout: left } = await typed('npm run --silent monitor export');
  expect(JSON.parse(left)).toMatchObject([{ orchestration: { session_id: 'my-session-123' } }]);
});

test('R01 what is not there ends with 1, wrong usage with 2, also through npm', { timeout: 60_000 }, async () => {
  const [nobody, usage] = await Promise.all([
    typed('npm run monitor show nobody'),
    typed('npm run monitor cleanup all'),
  ]);
  expect([nobody.exitCode, usage.exitCode]).toEqual([1, 2]);
  expect(nobody.stderr).toMatch(/^Cannot find the run "nobody"/);
  expect(usage.stderr).toMatch(/^Cannot use the days "all"/);
});
