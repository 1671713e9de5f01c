import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { columns } from '../../engine/progress.ts';
import type { RelatedAlert } from '../analysis/related-alert.ts';
import { MemoryLedger } from '../testing/memory-ledger.ts';
import { now, runCommand } from '../testing/run-command.ts';
import { chat, span, wholeRun, workflow } from '../testing/some-facts.ts';
import { screenOn } from './screen.ts';

const hour = 3600;

/** Two weeks of runs with long names, failures, retries, approvals, tools, hand-overs, unknown prices; slower in the second week. */
async function fleet(): Promise<MemoryLedger> {
  const ledger = new MemoryLedger([], () => now);
  for (let i = 0; i < 14 * 8; i++) {
    const from = -14 * 24 * hour + i * 3 * hour;
    const name = `nightly-refactoring-of-the-whole-repository-${i}`;
    await ledger.record(wholeRun(name, `a${i}`, from));
    const inside = { trace: `b${i}`, parent: '01', from: from + 1, to: from + 2 + (i < 56 ? 1 : 3) + (i % 5) / 10 };
    await ledger.record([
      workflow(`deploy-${i}`, { ...inside, id: '01', error: i % 3 === 0, message: 'no answer from registry in 30 s' }),
      chat({ ...inside, id: '02', usd: 12.5, tokens: [1_234_567, 45_678] }),
      span({
        ...{ ...inside, id: '03', name: 'agent.execute', error: i % 3 === 0 },
        message: `connect ECONNREFUSED 10.0.3.${i}:5432 while waiting for the database of the integration tests`,
        attributes: {
          'agent.name': 'integration-test-agent',
          'agent.action': 'verify',
          'error.type': 'ConnectionError',
        },
      }),
    ]);
  }
  return ledger;
}

const alert: RelatedAlert = {
  ...{ incident_id: '20261126-060130-k7qx', alert: 'AgentErrorRateHigh', severity: 'critical' },
  labels: { agent_name: 'director' },
  ...{ summary: 'director fails 12 % of its tasks', runbook_url: null },
  ...{ opened_at: '2026-11-26T06:01:30.000Z', resolved_at: '2026-11-26T08:01:30.000Z' },
  ...{ acknowledged_at: '2026-11-26T06:03:00.000Z', acknowledged_by: 'ana' },
  told: [{ at: '2026-11-26T06:01:31.000Z', channel: 'slack ben', outcome: 'failed: channel_not_found' }],
};

const lines: [line: string, options?: Record<string, string | true>][] = [
  ['list'],
  ['list', { absolute: true }],
  ['show nightly-refactoring-of-the-whole-repository-111'],
  ['show deploy-111', { absolute: true }],
  ['executions nightly-refactoring-of-the-whole-repository-111'],
  ['waterfall nightly-refactoring-of-the-whole-repository-111'],
  ['agent integration-test-agent'],
  ['health 720'],
  ['performance'],
  ['failures'],
  ['losses', { since: '90d' }],
  ...['agent', 'model', 'task', 'tool', 'workflow'].map((by): [string, Record<string, string>] => [
    'cost',
    { by, since: '30d' },
  ]),
  ['cost'],
  ['compare 7d', { all: true }],
  ['trend'],
  ['trend', { by: 'hour' }],
  ['estimate 100'],
  ['cleanup 3', { dryRun: true }],
];

test('R01 at a terminal of 80 columns no row of any command is wider', async () => {
  const ledger = await fleet();
  const stream = Object.assign(new Writable(), { isTTY: true, columns: 80 });
  const different = { screen: screenOn(stream, columns), around: async () => ({ alerts: [alert] }) };
  const wide: string[] = [];
  for (const [line, options] of lines) {
    const { text } = await runCommand(ledger, line, options, different);
    expect(text.length).toBeGreaterThan(10);
    for (const row of stripVTControlCharacters(text).split('\n'))
      if (row.length > 80 && isRow(row)) wide.push(`${line}: ${row}`);
  }
  expect(wide).toEqual([]);
});

/** Prose a terminal may wrap. */
function isRow(line: string): boolean {
  return line.includes('  ');
}
