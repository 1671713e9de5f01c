/** The report of the scale bench for people: each promise of P08, then what was measured, then what follows from it. */
import { type Component, stack } from '../stack.ts';
import { loadText } from './machine.ts';
import { table } from './markdown.ts';
import { type ScaleReport, unitsOf } from './scale.ts';
import { detections, detectSeconds } from './scale-alerts.ts';
import { signals } from './scale-costs.ts';
import type { Step } from './scale-limits.ts';
import { plans, spaced } from './scale-plan-tables.ts';
import type { Times } from './scale-queries.ts';
import type { Finding } from './verdict.ts';

const names = { samples: 'sample', logs: 'log line', spans: 'span' } as const;

export function scaleVerdict(report: ScaleReport): Finding[] {
  const { fresh, rules, queries, local, series } = report;
  const { opening, query, traceSearch } = queries;
  const slowest = Math.max(...fresh.map(({ p95Ms }) => p95Ms)) / 1000;
  const lost = fresh.reduce((sum, each) => sum + each.lost, 0);
  const many = rules.at(-1);
  const found = (promise: string, measured: string, kept: boolean): Finding => ({ promise, measured, kept });
  return [
    found(
      'a dashboard opens in 1 s locally',
      `p95 ${ms(local.opening.p95)} of ${local.opening.asked}, on half a minute of a small fleet's data, ${spaced(local.series)} series`,
      local.opening.p95 < 1000,
    ),
    found(
      'a dashboard opens in 3 s at the most',
      `mean ${ms(opening.mean)}, slowest ${ms(opening.longest)}, on ${spaced(series.count)} series`,
      opening.longest < 3000,
    ),
    found(
      'a query takes 2 s on average, 5 s at the most',
      `mean ${ms(query.mean)}, slowest ${ms(query.longest)}`,
      query.mean < 2000 && query.longest < 5000,
    ),
    found(
      'a search for traces takes 500 ms',
      `p95 ${ms(traceSearch.p95)} on ${spaced(queries.spans)} spans`,
      traceSearch.p95 < 500,
    ),
    found(
      'rules are evaluated within 15 s with 10 000 of them',
      many
        ? `${many.longestSeconds.toFixed(2)} s the longest of ${many.groups} groups, ${many.missed} missed, ${spaced(many.rules)} rules`
        : 'not measured',
      many !== undefined && many.longestSeconds < 15 && many.missed + many.failures === 0,
    ),
    found(
      'what is sent is found within 30 s',
      `p95 ${slowest.toFixed(1)} s of the slowest store, under load, ${lost} lost`,
      slowest < 30 && lost === 0,
    ),
  ];
}

export function scaleTables(report: ScaleReport): string {
  const { machine, costs, idle, series, block, past, limits, fresh, rules, local, queries, restarts } = report;
  const units = unitsOf(report);
  return [
    `Node ${machine.node} on ${machine.platform}, ${machine.cores} cores (${machine.model}), shared by the servers, the senders and whoever asks. ${loadText(machine)}; the run took ${Math.round(machine.seconds / 60)} minutes. Profile \`${machine.profile}\`. ${versionsOf(machine.versions)}.`,
    table(
      ['promise', 'measured', ''],
      scaleVerdict(report).map(({ promise, measured, kept }) => [promise, measured, kept ? 'kept' : '**missed**']),
    ),
    '### What one unit costs (measured)',
    `CPU µs by process, without what each does anyway (last column: cores without load). ${spaced(series.count)} active series; a line has ${units.textBytesPerLine.toFixed(0)} bytes of text.`,
    table(
      ['process', ...signals.map((signal) => names[signal]), 'idle, cores'],
      (Object.keys(idle) as Component[]).map((name) => [
        stack[name].title,
        ...signals.map((signal) => micros(costs[signal].cpuMicros[name])),
        idle[name].toFixed(3),
      ]),
    ),
    table(
      ['', ...signals.map((signal) => names[signal])],
      [
        [
          'a second, while this was measured',
          ...signals.map((signal) => spaced(costs[signal].sent.units / costs[signal].sent.seconds)),
        ],
        ['bytes to the Collector, uncompressed', ...signals.map((signal) => units.bytesIn[signal].toFixed(0))],
        ['bytes from it to its store, compressed', ...signals.map((signal) => sum(units.bytesOut[signal]).toFixed(0))],
        ['bytes kept', ...signals.map((signal) => units.storedBytes[signal].toFixed(1))],
        ['bytes written ahead', units.aheadBytes.toFixed(1), '', ''],
      ],
    ),
    `Kept: of a sample in a block of two hours with its index, which promtool wrote (${spaced(block.samples)} samples, ${spaced(block.series)} series, one every 15 s); of a line in Loki's chunks (${((100 * units.storedBytes.logs) / units.textBytesPerLine).toFixed(0)} % of its text); of a span in Tempo's blocks, after a flush. Memory of Prometheus: ${(series.bytes / 1024).toFixed(1)} KiB for each active series.`,
    '### Without the Collector',
    'What a naive set-up would do, in the same run: no queue on disk, no redaction, no span metrics, no ledger. CPU of all servers for a unit, against ours.',
    table(
      ['way', 'a second', 'CPU µs', 'ours, CPU µs', 'ratio'],
      past.map(({ signal, way, perSecond, cpuMicros }) => {
        const ours = sum(costs[signal].cpuMicros);
        return [way, spaced(perSecond), cpuMicros.toFixed(1), ours.toFixed(1), (ours / cpuMicros).toFixed(1)];
      }),
    ),
    '### Held for eight seconds on this machine',
    'Each signal alone, twice as much with each step, until the queues grow or a request waits. The senders need their share of the same cores.',
    table(
      ['', 'held, a second', 'not held', 'acknowledged then', 'queued then, MiB'],
      signals.map((signal) => [`${names[signal]}s`, ...climbsTo(limits[signal])]),
    ),
    '### Freshness under load',
    table(
      ['found in', 'canaries', 'lost', 'p50, s', 'p95, s', 'longest, s'],
      fresh.map(({ finding, canaries, lost, p50Ms, p95Ms, maxMs }) => [
        finding,
        `${canaries}`,
        `${lost}`,
        ...[p50Ms, p95Ms, maxMs].map((each) => (each / 1000).toFixed(2)),
      ]),
    ),
    '### Rules',
    'Sums, shares and percentiles of the series above, recorded and alerted on. A group is evaluated one rule after the other, groups side by side.',
    table(
      ['rules', 'groups', 'longest group, s', 'all groups added up, s', 'missed', 'failed', 'CPU µs a rule'],
      rules.map((each) => [
        spaced(each.rules),
        `${each.groups}`,
        each.longestSeconds.toFixed(2),
        each.sumSeconds.toFixed(2),
        `${each.missed}`,
        `${each.failures}`,
        each.cpuMicros.toFixed(0),
      ]),
    ),
    '### Questions',
    `Every query of ${queries.dashboards} dashboards, with each of its choices; ${queries.failed} failed. Data of some minutes, ${spaced(series.count)} series. A dashboard asks ${queries.queriesOfADashboard.toFixed(1)} queries.`,
    table(
      ['', 'asked', 'mean, ms', 'p95, ms', 'longest, ms'],
      [
        timesRow(`a dashboard opens, ${spaced(local.series)} series`, local.opening),
        timesRow('a dashboard opens', queries.opening),
        timesRow('one query', queries.query),
        timesRow(
          `${queries.users.users} users, each every ${queries.users.refreshSeconds} s: ${queries.users.perSecond.toFixed(1)} queries a second`,
          queries.users.times,
        ),
        timesRow(`search in ${spaced(queries.spans)} spans`, queries.traceSearch),
      ],
    ),
    `Beside many users a query cost ${(queries.users.cpuMicros / 1000).toFixed(1)} ms of CPU in the stores, and its answer ${(queries.users.answerBytes / 1024).toFixed(1)} KiB; ${queries.users.failed} failed.`,
    '### From a fault to a message (arithmetic)',
    `The push of a service, the offset of rules, the evaluation, \`for\`, the wait of Alertmanager: at the latest, from the shipped files. Promised: ${detectSeconds / 60} minutes on average. What the escalation service adds is measured in [escalation-load.md](escalation-load.md).`,
    table(
      ['severity', 'alerts', 'median, s', `within ${detectSeconds} s`, 'longest, s', 'which'],
      detections().map((each) => [
        each.severity,
        `${each.alerts}`,
        each.median.toFixed(0),
        `${each.within}`,
        `${each.longest}`,
        each.slowest,
      ]),
    ),
    '### A restart (measured)',
    'Under a light load of all signals. `refused` are requests whose senders send them again; what a store missed waited in the Collector.',
    table(
      ['', 'stop, s', 'ready again, s', 'then queues empty, s', 'refused'],
      restarts.map((each) => [
        stack[each.component].title,
        each.stopSeconds.toFixed(1),
        each.readySeconds.toFixed(1),
        each.drainSeconds.toFixed(1),
        `${each.refused}`,
      ]),
    ),
    plans(units),
  ].join('\n\n');
}

/** What was held, what was not, and what happened then. */
export function climbsTo(steps: readonly Step[]): string[] {
  const [held, broken] = [steps.findLast((step) => step.held), steps.find((step) => !step.held)];
  return [
    held ? spaced(held.perSecond) : 'none of these steps',
    ...(broken
      ? [spaced(broken.perSecond), spaced(broken.acknowledgedPerSecond), broken.queuedMib.toFixed(1)]
      : ['not reached', '', '']),
  ];
}

function versionsOf(versions: ScaleReport['machine']['versions']): string {
  return (Object.entries(versions) as [Component, string][])
    .filter(([name]) => 'native' in stack[name])
    .map(([name, version]) => `${stack[name].title} ${version}`)
    .join(', ');
}

function timesRow(name: string, { asked, mean, p95, longest }: Times): string[] {
  return [name, `${asked}`, mean.toFixed(0), p95.toFixed(0), longest.toFixed(0)];
}

function sum(numbers: Readonly<Record<string, number>>): number {
  return Object.values(numbers).reduce((all, each) => all + each, 0);
}

function ms(number: number): string {
  return `${number.toFixed(0)} ms`;
}

function micros(number = 0): string {
  return number < 0.05 ? '' : number.toFixed(1);
}
