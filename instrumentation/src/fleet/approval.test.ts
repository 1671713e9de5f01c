import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { agent, approval, decideApproval, escalateApproval, requestApproval, workflow } from '../fleet.ts';
import { createTestKit } from '../testing-kit.ts';
import { releaseApproval } from './approval.ts';

const kit = createTestKit();
afterEach(() => {
  kit.reset();
  vi.useRealTimers();
});
afterAll(() => kit.stop());

const named = (name: string) => kit.spans().find((span) => span.name === name);
const pending = async (kind: string) =>
  (await kit.points('pending.approvals.count')).find(({ labels }) => labels['approval.kind'] === kind)?.value;
const waits = async (kind: string) =>
  ((await kit.metrics()).get('approval.response.time')?.dataPoints ?? [])
    .filter(({ attributes }) => attributes['approval.kind'] === kind)
    .map(({ attributes, value }) => [attributes['approval.decision'], attributes['approval.approver.role'], value]);

test('S09 T03 an approval waits, is answered, and its wait is on the span, in the histogram and in the audit log', async () => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
  const verdict = { decision: 'approved', by: 'ada', reason: 'looks fine' } as const;
  const answered = await workflow({ name: 'release' }, () =>
    agent({ name: 'director', action: 'ship' }, () =>
      approval({ kind: 'deploy', subject: 'to production', role: 'lead' }, async (ticket) => {
        expect(ticket).toMatchObject({ kind: 'deploy', role: 'lead', agent: 'director', workflow: 'release' });
        expect(await pending('deploy')).toBe(1);
        // Its span has ended: nothing is lost if the process does.
        expect(named('approval.request')?.ended).toBe(true);
        vi.setSystemTime(1_045_000);
        return verdict;
      }),
    ),
  );
  expect(answered).toBe(verdict);
  expect(await pending('deploy')).toBe(0);
  const [request, decide] = [named('approval.request'), named('approval.decide')];
  expect(request?.attributes).toEqual({
    'agent.name': 'director',
    'workflow.name': 'release',
    'approval.id': expect.stringMatching(/-/),
    'approval.kind': 'deploy',
    'approval.subject': 'to production',
    'approval.approver.role': 'lead',
  });
  expect(decide?.attributes).toEqual({
    'agent.name': 'director',
    'workflow.name': 'release',
    'approval.id': request?.attributes['approval.id'],
    'approval.kind': 'deploy',
    'approval.decision': 'approved',
    'approval.approver.role': 'lead',
    'approval.approver.id': 'ada',
    'approval.wait_seconds': 45,
    'approval.auto_escalated': false,
  });
  expect(decide?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
  expect(decide?.links.map((link) => link.context.spanId)).toEqual([request?.spanContext().spanId]);
  expect(await waits('deploy')).toEqual([['approved', 'lead', expect.objectContaining({ count: 1, sum: 45 })]]);
  expect(await kit.points('workflow.approval.wait_time')).toEqual([
    { labels: { 'workflow.name': 'release' }, value: 1 },
  ]);
  const [audit] = kit.logs();
  expect(audit).toMatchObject({ eventName: 'audit.approval_decided', body: 'deploy: approved after 45.0 s' });
  expect(audit?.spanContext?.spanId).toBe(decide?.spanContext().spanId);
  expect(audit?.attributes).toMatchObject({ 'approval.approver.id': 'ada', 'approval.wait_seconds': 45 });
});

test('S09 an approval that nobody gives is passed on, expires, or falls with what asked for it', async () => {
  const first = requestApproval({ kind: 'spend', role: 'lead' });
  const second = escalateApproval(first, 'owner');
  expect([first.role, second.role, second.id]).toEqual(['lead', 'owner', first.id]);
  decideApproval(second, { decision: 'expired' });
  expect(named('approval.decide')?.attributes).toMatchObject({
    'approval.auto_escalated': true,
    'approval.approver.role': 'owner',
    'approval.decision': 'expired',
  });
  // Somebody answers after all: it has been decided.
  decideApproval(first, { decision: 'approved' });
  const error = new Error('shutting down');
  await expect(approval({ kind: 'spend' }, () => Promise.reject(error))).rejects.toBe(error);
  expect((await waits('spend')).map(([decision, role]) => [decision, role])).toEqual([
    ['expired', 'owner'],
    ['cancelled', 'unknown'],
  ]);
  expect(await pending('spend')).toBe(0);
  expect((await kit.points('approval.auto_escalated')).map(({ value }) => value)).toEqual([1]);
  // One whose answer another process wrote down is released, and counts nowhere else.
  const elsewhere = requestApproval({ kind: 'spend' });
  expect(await pending('spend')).toBe(1);
  releaseApproval(elsewhere);
  releaseApproval(elsewhere);
  expect(await pending('spend')).toBe(0);
  expect(await waits('spend')).toHaveLength(2);
});

test('S09 an approval that is passed on while it waits is decided in the role it was passed on to', async () => {
  kit.reset();
  await approval({ kind: 'deploy', role: 'lead' }, async (_, escalate) => {
    escalate('owner');
    return { decision: 'approved' };
  });
  expect(named('approval.decide')?.attributes).toMatchObject({
    'approval.approver.role': 'owner',
    'approval.auto_escalated': true,
  });
});
