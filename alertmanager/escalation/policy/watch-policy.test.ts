import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { defaultPolicy } from './default-policy.ts';
import { watchPolicy } from './watch-policy.ts';

const written = (sameIncident: string) => JSON.stringify({ ...defaultPolicy, sameIncident }, null, 2);

function watched(text = written('10m')) {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-policy-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'policy.yml');
  writeFileSync(file, text);
  const refused: string[] = [];
  const onReload = vi.fn();
  const policy = watchPolicy(file, { onReload, onRefused: (reason) => refused.push(reason) });
  onTestFinished(() => policy.close());
  return { file, policy, refused, onReload };
}

test('X02 a changed policy is at work after a reload; a wrong one is refused, and the old one stays', () => {
  const { file, policy, refused, onReload } = watched();
  expect(policy.reload()).toBe(false);
  writeFileSync(file, written('20m'));
  expect(policy.reload()).toBe(true);
  expect(policy.current().sameIncidentMs).toBe(1_200_000);
  expect(onReload).toHaveBeenCalledTimes(1);

  writeFileSync(file, written('20 minutes'));
  expect(policy.reload()).toBe(false);
  expect(policy.isCurrent()).toBe(false);
  expect(policy.current().sameIncidentMs).toBe(1_200_000);
  // It is said once, however often somebody looks.
  expect(policy.reload()).toBe(false);
  expect(refused).toEqual([
    expect.stringMatching(
      /policy\.yml:3: sameIncident: "20 minutes" is no duration\..*\nThe policy of before stays at work\.$/,
    ),
  ]);

  rmSync(file);
  expect(policy.reload()).toBe(false);
  expect(refused[1]).toContain('Cannot read the policy');
  writeFileSync(file, written('20m'));
  policy.reload();
  expect(policy.isCurrent()).toBe(true);
});

test('X02 a file that is put in its place is noticed, and so is a SIGHUP', async () => {
  const { file, policy } = watched();
  writeFileSync(`${file}.new`, written('30m'));
  renameSync(`${file}.new`, file);
  await vi.waitFor(() => expect(policy.current().sameIncidentMs).toBe(1_800_000), { timeout: 10_000 });
  writeFileSync(file, written('40m'));
  process.emit('SIGHUP');
  expect(policy.current().sameIncidentMs).toBe(2_400_000);
});

test('X02 nothing begins with a policy that is wrong or not there', () => {
  expect(() => watched('channels: {}')).toThrow(/policy\.yml:1: teams: "teams" is missing\. Add it\./);
  expect(() => watchPolicy('/nowhere/policy.yml', { onRefused() {} })).toThrow(
    'Name another file: FLEETSCOPE_ESCALATION_POLICY.',
  );
});
