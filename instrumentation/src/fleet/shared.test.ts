import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTestKit, type TestKit } from '../testing-kit.ts';

let kit: TestKit;
beforeEach(() => {
  kit = createTestKit();
});
afterEach(() => kit.stop());

/** The fleet API loaded anew, as the preload and the program each load theirs. */
async function copy() {
  vi.resetModules();
  return {
    ...(await import('../fleet.ts')),
    ...(await import('./scope.ts')),
    ...(await import('./record.ts')),
    ...(await import('../catalog/sessions.ts')),
  };
}

test('S04 two copies of the code in one process know of each other’s work', async () => {
  const [program, preload] = [await copy(), await copy()];
  expect(program.agent).not.toBe(preload.agent);
  program.agent({ name: 'director', action: 'plan' }, () => {
    expect(preload.currentScope()).toMatchObject({ agentName: 'director' });
    preload.heartbeat('director');
  });
  const beats = await kit.points('agent.last_heartbeat.timestamp');
  expect(beats.map(({ labels }) => labels)).toEqual([{ 'agent.name': 'director' }]);
  expect(beats[0]?.value).toBeGreaterThan(Date.now() / 1000 - 60);

  const ticket = program.requestApproval({ kind: 'deploy' });
  preload.decideApproval(ticket, { decision: 'approved' });
  preload.resumeApprovals([program.requestApproval({ kind: 'deploy' })]);
  const pending = await kit.points('pending.approvals.count');
  expect(pending.map(({ value }) => value)).toEqual([1]);
});

test('T10 the bound of a label holds for all copies together', async () => {
  const copies = [await copy(), await copy()];
  for (let at = 0; at < 30; at += 1) {
    const { add, concurrentSessions } = copies[at % 2] as (typeof copies)[number];
    add(concurrentSessions, 1, { 'session.type': `type-${at}` });
  }
  const points = await kit.points('concurrent.sessions.active');
  const { atMost } = (copies[0]?.concurrentSessions.labels ?? [])[0] ?? { atMost: 0 };
  expect(points).toHaveLength(atMost + 1);
  expect(points.find(({ labels }) => labels['session.type'] === '_OTHER')?.value).toBe(30 - atMost);
});
