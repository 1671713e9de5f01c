import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { requestApproval, resumeApprovals, workflow } from '../fleet.ts';
import { createTestKit } from '../testing-kit.ts';

const kit = createTestKit();
afterAll(() => kit.stop());

const pending = async (kind: string) =>
  (await kit.points('pending.approvals.count')).find(({ labels }) => labels['approval.kind'] === kind)?.value;

/** Another process, which is given tickets as text. */
async function elsewhere(script: string, ...tickets: object[]) {
  const url = (path: string) => new URL(path, import.meta.url).href;
  const program = `
    import { decideApproval, resumeApprovals } from '${url('./approval.ts')}';
    import { createTestKit } from '${url('../testing-kit.ts')}';
    const kit = createTestKit();
    const [first, second] = process.argv.slice(1).map((text) => JSON.parse(text));
    const pending = async () => (await kit.points('pending.approvals.count')).map(({ value }) => value);
    const seen = [];
    ${script}
    const spans = kit.spans().map((span) => ({ ...span.spanContext(), parent: span.parentSpanContext?.spanId,
      links: span.links.map(({ context }) => context.spanId), attributes: span.attributes }));
    console.log(JSON.stringify({ seen, spans, waits: await kit.points('approval.response.time') }));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--input-type=module', '--eval', program, '--', ...tickets.map((ticket) => JSON.stringify(ticket))],
  ]);
  return JSON.parse(stdout);
}

test('S09 an approval survives a restart: decided in another process it is in the same trace, and counts once', async () => {
  const [first, second] = workflow(
    { name: 'release' },
    () => [requestApproval({ kind: 'restart', role: 'lead' }), requestApproval({ kind: 'restart' })] as const,
  );
  const {
    seen,
    spans,
    waits: waited,
  } = await elsewhere(
    `
    resumeApprovals([first, first]);
    seen.push(await pending());
    decideApproval(first, { decision: 'approved', by: 'ada', role: 'owner' });
    decideApproval(first, { decision: 'rejected' });
    resumeApprovals([first]);
    seen.push(await pending());
    // Never seen by this process: there is nothing to take off.
    decideApproval({ ...second, requestedAt: Date.now() - 90_000 }, { decision: 'rejected' });
    seen.push(await pending());`,
    first,
    second,
  );
  expect(seen).toEqual([[1], [0], [0]]);
  expect(waited.map(({ value }: { value: number }) => value)).toEqual([1, 1]);
  const requests = kit.spans().filter(({ name }) => name === 'approval.request');
  expect(spans).toHaveLength(2);
  for (const [at, request] of requests.entries()) {
    const { traceId, spanId } = request.spanContext();
    expect(spans[at]).toMatchObject({ traceId, parent: spanId, links: [spanId] });
    expect(spans[at].attributes['workflow.name']).toBe('release');
  }
  expect(spans[0].attributes).toMatchObject({ 'approval.approver.id': 'ada', 'approval.approver.role': 'owner' });
  expect(spans[1].attributes['approval.wait_seconds']).toBeGreaterThanOrEqual(90);
  // Here both still wait, as far as this process knows.
  expect(await pending('restart')).toBe(2);
  resumeApprovals([first, second]);
  expect(await pending('restart')).toBe(2);
});
