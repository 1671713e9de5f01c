import { describe, expect, test } from 'vitest';
import { approvalResponseTime } from '../../instrumentation/src/catalog/approvals.ts';
import { workflowDuration } from '../../instrumentation/src/catalog/workflows.ts';
import { compose } from '../../place.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { sloAlerts } from '../rules/slo-alerts.ts';
import { targets } from '../targets.ts';
import { fewestEvents, lowObjectiveWindows, percent, standardWindows, threshold } from './burn.ts';
import { agentSuccess, objectives, slowWorkflowSeconds, workflowSuccess } from './objectives.ts';
import openSlo from './openslo.ts';
import { alertName, slo } from './slo.ts';

interface Rule {
  alert: string;
  expr: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

const rules = ruleFile(sloAlerts(), compose).groups[0]?.rules as Rule[];

test('O01 the six promises, with the numbers that were asked for', () => {
  expect(objectives.map(({ name, objectiveBp }) => `${name} ${percent(objectiveBp)}`)).toEqual([
    'workflow-success 95 %',
    'workflow-latency 95 %',
    'agent-success 90 %',
    'api-availability 99.9 %',
    'approval-response 90 %',
    'telemetry-freshness 99.5 %',
  ]);
  expect(targets.approval.aimSeconds).toBe(60);
});

test('O01 what is slow is measured at a bound of a bucket: between two nothing is known', () => {
  expect(workflowDuration.buckets).toContain(slowWorkflowSeconds);
  expect(approvalResponseTime.buckets).toContain(targets.approval.aimSeconds);
});

describe.each(objectives)('O01 $name', (objective) => {
  const own = rules.filter(({ alert }) => alert === alertName(objective));

  test('has a rule for each pair of windows, told apart by long and short, each less urgent than the one before', () => {
    expect(own.map(({ labels }) => [labels.long, labels.short, labels.severity])).toEqual([
      ['1h', '5m', 'critical'],
      ['6h', '30m', 'high'],
      ['1d', '2h', 'warning'],
      ['3d', '6h', 'info'],
    ]);
  });

  test('fires on the exact threshold of both windows, on enough events', () => {
    objective.windows.forEach((window, at) => {
      const over = threshold(objective.objectiveBp, window);
      const of = `{slo="${objective.name}"}`;
      expect(own[at]?.expr).toBe(
        `slo:error_ratio:rate${window.long}${of} > ${over} and slo:error_ratio:rate${window.short}${of} > ${over} and slo:events:increase${window.long}${of} >= ${fewestEvents(objective.objectiveBp, window)}`,
      );
    });
  });

  test('counts by the labels that it has a budget for', () => {
    expect([...objective.events.labels].sort()).toEqual([...objective.by].sort());
    expect([...objective.bad.labels].sort()).toEqual([...objective.by].sort());
  });

  test('says in its text which windows and how much', () => {
    for (const { labels, annotations } of own) {
      expect(annotations.description).toContain(`of the last ${labels.long}`);
      expect(annotations.description).toContain(percent(objective.objectiveBp));
    }
  });
});

test('O01 an objective that its alerts could never find broken is refused where it is declared', () => {
  const { name, ...facts } = agentSuccess;
  expect(() => slo(name, { ...facts, windows: standardWindows })).toThrow(
    /^Cannot use the objective 90 % of "agent-success": its alert on 1h would wait for 144 % .* Use lowObjectiveWindows/,
  );
  expect(slo(name, { ...facts, windows: lowObjectiveWindows })).toEqual(agentSuccess);
});

test('O01 the alert of an objective has its name', () => {
  expect(alertName(workflowSuccess)).toBe('WorkflowSuccessBudgetBurn');
});

test('O01 the export for OpenSLO has the same objectives, on the same recordings', () => {
  const text = openSlo.render('prometheus/slo/openslo.ts')['openslo.yaml'] as string;
  for (const { name, objectiveBp, events, bad } of objectives) {
    const from = text.slice(text.indexOf(`    name: ${name}\n`));
    const [own] = from.split('\n- apiVersion') as [string];
    expect(own).toContain(`query: ${bad.name}\n`);
    expect(own).toContain(`query: ${events.name}\n`);
    expect(own).toContain(`target: ${objectiveBp / 10_000}`);
    expect(own).toContain('duration: 30d');
  }
});
