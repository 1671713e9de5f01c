/** `npm run panels` against a stack that the demo fleet has filled: part of fleet.test.ts, which pays for the demo once. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { until } from '../../doctor/ask.ts';
import { dashboardFiles } from '../../grafana/panel-queries.ts';
import { repository } from './command-line.ts';
import type { TestStack } from './stack.ts';

interface Report {
  findings: string[];
  dashboards: { uid: string; queries: { panel: string; refId: string; state: string }[] }[];
}

/** What two minutes of a fleet do not show, and why. Anything else that is empty is a mistake in its query. */
const mayStayEmpty: [why: string, ...where: RegExp[]][] = [
  ['nothing of the kind has happened', / \/ (Telemetry late|Over budget) \/ Annotation$/],
  ['the fleet has gone home, and said so', /^agent-detail \/ Silent for/, /^live \/ Agents (alive|silent) /],
  ['nothing was slow', / \/ Slow \w+ \/ A$/],
  ['there is no yesterday', /, against (yesterday|the usual) \/ [BC]$/, /^executive \/ Against the time before/],
  ['there was no last week', /^user-experience \/ Satisfaction, last hour \/ B/],
  [
    'models are cheap, and people kind',
    / \/ (Calls above one cent|Tasks above ten cents|Commands that broke their promise) /,
  ],
  [
    'only what goes wrong has a line',
    / \/ (Database calls|Tool calls|Delegations) that failed/,
    /Discarded by the backends/,
    /^telemetry-pipeline \/ Refused and lost \/ /,
  ],
  ['what is rare did not happen', /^development \/ Issues opened \/ B/, /^errors \/ Runs called off, by agent /],
  ['not every kind of alert fires', /^operations \/ Alerts that fire, by severity /],
  ['nobody asked a model whose answers are cached', /^cost-by-model \/ Models \/ F/],
  [
    'nobody is called: no channel is set up, no remedy is real, nobody is refused',
    /^escalation \/ Time to (notify|acknowledge, p95|resolve, p95) \//,
    /^escalation \/ Response times, on average \/ [CD]$/,
    /^escalation \/ (Attempts that failed(, by error)?|Remedies|Requests turned away) \/ A$/,
  ],
  ['Tempo has not finished a block', /^telemetry-pipeline \/ Disk, by store \/ B/],
];

export function panelTests(stack: () => TestStack) {
  async function panels(...args: string[]) {
    const { prometheus, loki, tempo } = stack().targets;
    const backends = ['--prometheus', prometheus, '--loki', loki, '--tempo', tempo];
    // How fast is not for a test on a busy machine.
    const wide = ['--since', '15m', '--budget-ms', '600000'];
    return execa(process.execPath, ['scripts/panels.ts', ...backends, ...wide, ...args], {
      cwd: repository,
      reject: false,
    });
  }

  describe('the dashboards show what the fleet did', () => {
    test('D19 every query of every panel has data, with all, and with one value of each variable', {
      timeout: 400_000,
    }, async () => {
      let report: Report = { findings: [], dashboards: [] };
      let unexpected: string[] = [];
      // The last telemetry is still on its way.
      await until(
        async () => {
          report = JSON.parse((await panels('--json')).stdout);
          const empty = report.dashboards.flatMap(({ uid, queries }) =>
            queries
              .filter(({ state }) => state === 'may be empty')
              .map(({ panel, refId }) => `${uid} / ${panel} / ${refId}`),
          );
          unexpected = empty.filter(
            (where) => !mayStayEmpty.some(([, ...known]) => known.some((one) => one.test(where))),
          );
          return report.findings.length + unexpected.length === 0;
        },
        { timeoutMs: 90_000, everyMs: 5_000 },
      );
      expect(report.findings).toEqual([]);
      expect(unexpected, 'panels that may be empty, but should not be beside a fleet').toEqual([]);
      expect(report.dashboards.map(({ uid }) => uid)).toHaveLength(dashboardFiles().length);
    });

    test('B03 a panel on a misspelt metric is a finding', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'fleetscope-dashboards-'));
      const file = readFileSync(join(repository, 'grafana', 'dashboards', 'telemetry-pipeline.json'), 'utf8');
      writeFileSync(
        join(folder, 'a.json'),
        file.replaceAll('otelcol_receiver_accepted_spans', 'otelcol_receiver_accepted_spams'),
      );
      const { exitCode, stdout } = await panels('--folder', folder);
      rmSync(folder, { recursive: true });
      expect(exitCode, stdout).toBe(1);
      const why =
        'nothing emits otelcol_receiver_accepted_spams_total. The nearest name is otelcol_receiver_accepted_spans_total';
      expect(stdout).toContain(`FAIL  telemetry-pipeline / Spans / A: ${why}.`);
    });

    test('D19 a dashboard that is not there is wrong usage', async () => {
      const unknown = await panels('--dashboard', 'telemetry');
      expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('there are agent-detail, ') });
    });
  });
}
