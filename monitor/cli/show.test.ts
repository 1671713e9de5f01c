import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { RelatedAlert } from '../analysis/related-alert.ts';
import { MemoryLedger } from '../testing/memory-ledger.ts';
import { runCommand, terminal } from '../testing/run-command.ts';
import { someFleet } from '../testing/some-fleet.ts';
import { someExecution, someOrchestration } from '../testing/some-run.ts';

const alert: RelatedAlert = {
  ...{ incident_id: '20261126-060130-k7qx', alert: 'AgentSlow', severity: 'high', labels: { agent_name: 'qa-agent' } },
  ...{ summary: 'qa-agent is slow', runbook_url: 'https://runbooks.example/AgentSlow.md' },
  ...{ opened_at: '2026-11-26T06:01:30.000Z', resolved_at: null },
  ...{ acknowledged_at: '2026-11-26T06:03:00.000Z', acknowledged_by: 'ana' },
  told: [{ at: '2026-11-26T06:01:31.000Z', channel: 'slack', outcome: 'sent' }],
};
const stack = { around: async () => ({ alerts: [alert], links: { trace: 'http://grafana.example/explore?a=b' } }) };

test('B01 show joins record, executions, approvals, decisions, money, alerts and links', async () => {
  const { text } = await runCommand(someFleet(), 'show build-1', {}, stack);
  expect(text.split('\n\n')).toEqual([
    'build-1: Build and deploy',
    expect.stringMatching(
      /^status\|completed\nbegan\|2026-11-26 06:00:00Z, 3 h ago\ntook\|5 min\ntasks\|2 of 2 done\n/,
    ),
    [
      'Executions',
      'AGENT|TASK|STATUS|BEGAN|TOOK|TRIES|FILES|COST|ERROR',
      'backend-agent|1|completed|3 h ago|2 min|1|-|$0.0600|-',
      '└ qa-agent|T-2|completed, healed|3 h ago|1 min|2|+3 ~5|$0.0600|-',
    ].join('\n'),
    [
      'Alerts',
      'OPENED|ALERT|SEVERITY|ACKNOWLEDGED|RESOLVED|INCIDENT',
      '3 h ago|AgentSlow|high|3 h ago by ana|-|20261126-060130-k7qx',
      'AgentSlow: qa-agent is slow',
      'Runbook of AgentSlow: https://runbooks.example/AgentSlow.md',
    ].join('\n'),
    ['Who was told', 'WHEN|WHO|CAME TO|INCIDENT', '3 h ago|slack|sent|20261126-060130-k7qx'].join('\n'),
    [
      'Approvals',
      'ASKED|WHAT|BY|WAITED|ANSWER|OF WHOM',
      '3 h ago|deploy: api to production|backend-agent|2 min|approved|ana (lead)',
    ].join('\n'),
    [
      'Decisions',
      'WHEN|AGENT|WHAT|CHOICE|SURE|WHY',
      '3 h ago|backend-agent|choose_model|claude-sonnet-5|90.0 %|cheap | enough <b>',
    ].join('\n'),
    expect.stringMatching(/^Time and money\nSPENT ON\|.*\nmodel\|1\|/),
    'Look further\ntrace: http://grafana.example/explore?a=b',
  ]);
});

test('B01 show of a failed run tells its error, and what it cost', async () => {
  const { text } = await runCommand(someFleet(), 'show deploy-1');
  expect(text).toMatch(/\nstatus\|failed\nerror\|no answer in 30 s\n[\s\S]*\nfingerprint\|0123456789ab\n/);
  expect(text).toMatch(/Errors\nFINGERPRINT.*\n0123456789ab\|1\|ops-agent\|TimeoutError: no answer in 30 s\n/);
  expect(text).toMatch(/For nothing\nWHY.*\nfailed\|\$0\.0400\|1 min\|/);
  expect((await runCommand(someFleet(), 'show latest')).text).toMatch(
    /\n\nWhat to know first\nIt still runs: its numbers are those up to now\.\n/,
  );
});

test('B01 without a stack the dossier says so in one line, and is whole otherwise', async () => {
  for (const format of ['text', 'markdown']) {
    const { text } = await runCommand(someFleet(), 'show build-1', { format });
    expect(text.match(/No stack runs here: alerts, and who was told of them, are not known/g)).toHaveLength(1);
    expect(text).not.toMatch(/Alerts|Who was told/);
    expect(text).toMatch(/Executions[\s\S]*Approvals[\s\S]*Decisions[\s\S]*Time and money/);
  }
  const reached = await runCommand(someFleet(), 'show build-1', {}, stack);
  expect(reached.text).not.toMatch(/No stack runs here/);
});

test('B01 show as a page: what agents said is text there, never markup', async () => {
  const { text } = await runCommand(someFleet(), 'show build-1', { format: 'markdown' }, stack);
  expect(text).toMatch(/^# build-1: Build and deploy\n\n\| {2}\| {2}\|\n\| --- \| --- \|\n\| status \| completed \|\n/);
  expect(text).toContain(
    '| 2026-11-26 06:00:00Z | backend-agent | choose\\_model | claude-sonnet-5 | 90.0 % | cheap \\| enough \\<b\\> |',
  );
  expect(text).toContain('- [trace](<http://grafana.example/explore?a=b>)');
  const bad = new MemoryLedger([
    {
      orchestration: someOrchestration('x', { task_description: '[click](javascript:alert(1))\n# big <img src=x>' }),
      ...{ executions: [someExecution('`y`', { orchestration_id: 'id-x', agent_name: '**bold**' })], steps: [] },
    },
  ]);
  const page = (await runCommand(bad, 'show x', { format: 'markdown' })).text;
  expect(page).toMatch(/^# x: \\\[click\\\]\(javascript:alert\(1\)\) \\# big \\<img src=x\\>\n/);
  expect(page).toContain('\\*\\*bold\\*\\*');
  const said = 'see www.evil.example _WWW.evil.example http://a.example ftp://b.example at 10:30 in www2.x';
  const linked = new MemoryLedger([
    { orchestration: someOrchestration('x', { task_description: said }), executions: [], steps: [] },
  ]);
  expect((await runCommand(linked, 'show x', { format: 'markdown' })).text).toContain(
    'see www\\.evil.example \\_WWW\\.evil.example http\\://a.example ftp\\://b.example at 10:30 in www2.x',
  );
});

test('B01 show as JSON has everything, and null where nobody was asked', async () => {
  const { json } = await runCommand(someFleet(), 'show build-1', { json: true });
  expect(json).toMatchObject({ orchestration: { session_id: 'build-1' }, alerts: null, links: null });
  expect(json).toMatchObject({ gaps: [{ gap: 'no_alerts' }] });
  const { text } = await runCommand(someFleet(), 'show build-1', { format: 'json' }, stack);
  expect(JSON.parse(text)).toMatchObject({ alerts: [{ alert: 'AgentSlow' }], approvals: [{ approver: 'ana' }] });
  await expect(runCommand(someFleet(), 'show build-1', { format: 'pdf' })).rejects.toThrow(RangeError);
});

test('B07 waterfall gives time and money by kind, the critical path, and the order of the parts', async () => {
  const { text, json } = await runCommand(someFleet(), 'waterfall build-1');
  const parts = text.split('\n\n');
  expect(parts[0]).toBe('build-1: 5 min, $0.1200');
  expect(parts[1]).toMatch(/^PART\|TOOK\|COST\|BEGAN AT\|SPENT ON\nbuild-1\|5 min\|-\|0 ms\|/);
  expect(parts[1]).toMatch(
    /\n {2}backend-agent\|2 min\|-\|0 ms\|agent\n {4}claude-sonnet-5\|1 min\|\$0\.0600\|0 ms\|model\n/,
  );
  expect(parts[2]).toMatch(/^SPENT ON\|TIMES\|OF THE RUN\|.*\nmodel\|1\|/);
  expect(text).toMatch(/\nhuman\|1\|2 min\|40\.0 %\|2 min\|-\n/);
  expect(text).toMatch(/\n\nMODEL\|TIMES.*\nclaude-sonnet-5\|1\|/);
  expect(text).toMatch(/\n\nCRITICAL PATH\|BEGAN AT/);
  expect(text).toMatch(/\n\nFROM\|TO\|TIMES\|WAITED\|WORKED\|FAILED\nbackend-agent\|qa-agent\|1\|/);
  expect(json).toMatchObject({ session_id: 'build-1', duration_ms: 300_000 });
  const two = await runCommand(someFleet(), 'waterfall build-1', { limit: '2' });
  expect(two.text).toMatch(/4 shorter parts left out: --limit/);
});

test('B07 at a terminal the parts are drawn to scale', async () => {
  const { text } = await runCommand(someFleet(), 'waterfall build-1', {}, { screen: terminal(100) });
  const [, drawn = ''] = text.split('\n\n');
  const bar = (name: string) =>
    stripVTControlCharacters(drawn)
      .split('\n')
      .find((row) => row.includes(name))
      ?.split('|')[1] ?? '';
  const whole = bar('build-1').length;
  expect([...bar('build-1')].every((cell) => cell === '█')).toBe(true);
  expect(bar('deploy').indexOf('█') / whole).toBeCloseTo(0.4, 1);
  expect(bar('deploy').trim().length / whole).toBeCloseTo(0.4, 1);
  // Too narrow to draw.
  expect((await runCommand(someFleet(), 'waterfall build-1', {}, { screen: terminal(30) })).text).toMatch(/BEGAN AT/);
});
