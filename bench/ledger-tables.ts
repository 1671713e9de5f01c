/** The report of the ledger bench for people, and what was promised of it. */
import type { LedgerReport } from './ledger.ts';
import type { Rate } from './ledger-rates.ts';
import { loadText } from './machine.ts';
import { spread, table } from './markdown.ts';
import type { Finding } from './verdict.ts';

/** What a command may take, ms, 95 of a hundred times. */
const targetMs = 200;
/** What a full export may grow in its last quarter, MiB: the collector of garbage breathes. */
const flatMib = 16;

export function ledgerVerdict({ ledger, commands, exports }: LedgerReport): Finding[] {
  const slow = commands.filter(({ p95 }) => p95 >= targetMs);
  const slowest = Math.max(...commands.map(({ p95 }) => p95));
  const { growthMib = null } = exports.at(-1) ?? {};
  return [
    {
      promise: `every command but full exports: p95 under ${targetMs} ms at ${spaced(ledger.executions)} executions`,
      measured: `${commands.length - slow.length} of ${commands.length}; the slowest ${slowest.toFixed(0)} ms`,
      kept: slow.length === 0,
    },
    {
      promise: `a full export streams in constant memory (in its last quarter less than ${flatMib} MiB more)`,
      measured: growthMib === null ? 'too short to say' : `${growthMib.toFixed(1)} MiB`,
      kept: growthMib !== null && growthMib < flatMib,
    },
  ];
}

export function ledgerTables(report: LedgerReport): string {
  const { machine, rates, ledger, commands, processes, upkeep, exports } = report;
  const { cores, node, platform } = machine;
  const { telemetry, calls, mongo } = rates;
  return [
    `Node ${node} on ${platform} with ${cores} cores. ${loadText(machine)}. Medians of the rounds, the middle half in brackets.`,
    table(
      ['promise', 'measured', ''],
      ledgerVerdict(report).map(({ promise, measured, kept }) => [promise, measured, kept ? 'kept' : '**missed**']),
    ),
    '### Written each second, and what it takes on disk',
    table(
      ['', 'a second', 'executions a second', 'floor, rows a second', 'floor against it', 'bytes a run', 'floor'],
      [
        rateRow('spans, SQLite', telemetry),
        rateRow('calls of `getMonitor()`, SQLite', calls),
        ...(typeof mongo === 'string' ? [] : [rateRow('spans, MongoDB', mongo.telemetry)]),
      ],
    ),
    typeof mongo === 'string'
      ? `MongoDB was not measured: ${mongo}`
      : `"MongoDB" was here: ${mongo.server}. Both of its lines are through the same.`,
    `### Commands on ${spaced(ledger.executions)} executions`,
    `${spaced(ledger.runs)} runs, ${mib(ledger.bytes)} MiB, ${(ledger.bytes / ledger.runs / 1024).toFixed(1)} KiB a run.`,
    table(
      ['command', 'p50, ms', 'p95, ms', `of ${targetMs} ms`, 'longest, ms', 'CPU p95, ms', 'calls'],
      commands.map(({ line, p50, p95, longest, cpuP95, calls }) => [
        `\`${line}\``,
        ...[p50.toFixed(1), p95.toFixed(1), within(p95), longest.toFixed(1), cpuP95.toFixed(1), `${calls}`],
      ]),
    ),
    '### As a person types it',
    table(
      ['command', '`npm run monitor`, ms', 'without npm, ms', 'a Node that does nothing, ms', 'ratio without npm'],
      processes.map(({ line, npm, node, floor, ratio }) => [
        `\`${line}\``,
        ...[spread(npm, 0), spread(node, 0), spread(floor, 0), spread(ratio, 1)],
      ]),
    ),
    '### What takes as long as there is work',
    table(
      ['', 'seconds', 'a second'],
      [
        ['spans into it, as they come', upkeep.writeSeconds.toFixed(2), `${upkeep.writtenPerSecond.toFixed(0)} spans`],
        ['`check`', upkeep.checkSeconds.toFixed(2), `${upkeep.checkMibPerSecond.toFixed(0)} MiB`],
        [
          `\`cleanup\` of a day: ${spaced(upkeep.cleanupRuns)} runs`,
          upkeep.cleanupSeconds.toFixed(2),
          `${upkeep.cleanupExecutionsPerSecond.toFixed(0)} executions`,
        ],
        ...exports
          .slice(-1)
          .map(({ executions, bytes, seconds }) => [
            `\`export\` of ${spaced(executions)} executions: ${mib(bytes)} MiB`,
            seconds.toFixed(2),
            `${mib(bytes / seconds)} MiB`,
          ]),
      ],
    ),
    '### Memory of a full export',
    table(
      ['executions', 'peak RSS, MiB', 'in the middle of its last quarter', 'growth in it, MiB'],
      exports.map(({ executions, peakMib, medianMib, growthMib }) => [
        spaced(executions),
        ...[peakMib.toFixed(0), medianMib.toFixed(0), growthMib === null ? 'too short' : signed(growthMib)],
      ]),
    ),
  ].join('\n\n');
}

function rateRow(name: string, rate: Rate): string[] {
  return [
    name,
    spread(rate.perSecond, 0),
    spread(rate.executionsPerSecond, 0),
    spread(rate.floorPerSecond, 0),
    spread(rate.ratio, 1),
    rate.runBytes.toFixed(0),
    rate.floorRunBytes.toFixed(0),
  ];
}

function within(ms: number): string {
  const share = `${((100 * ms) / targetMs).toFixed(0)} %`;
  return ms < targetMs ? share : `**${share}**`;
}

function mib(bytes: number): string {
  const number = bytes / 2 ** 20;
  return number.toFixed(number < 10 ? 1 : 0);
}

function signed(number: number): string {
  return `${number < 0 ? '−' : '+'}${Math.abs(number).toFixed(1)}`;
}

/** 100 000 */
function spaced(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ' ');
}
