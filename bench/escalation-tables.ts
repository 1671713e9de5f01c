/** The report of the escalation bench for people, and what was promised of it. */
import type { EscalationReport } from './escalation.ts';
import { loadText } from './machine.ts';
import { spread, table } from './markdown.ts';
import type { Finding } from './verdict.ts';

/** What heap may grow while 10 000 incidents pass. A leak of one incident's document each would be some 20 MiB. */
const flatMib = 0.5;

export function escalationVerdict({ latency, memory }: EscalationReport): Finding[] {
  const p99 = latency.service['told p99']?.median ?? Number.NaN;
  return [
    {
      promise: `p99 from webhook to first notification under 1 s at ${latency.perSecond} alerts/s`,
      measured: `${p99.toFixed(0)} ms`,
      kept: p99 < 1000,
    },
    {
      promise: `memory flat over ${spaced(memory.incidents)} incidents (heap: less than ${flatMib} MiB for each 10 000)`,
      measured: `${signed(memory.heapGrowth)} MiB for each 10 000`,
      kept: memory.heapGrowth < flatMib,
    },
  ];
}

export function escalationTables(report: EscalationReport): string {
  const { machine, latency, memory, saves } = report;
  const { cores, node, platform } = machine;
  return [
    `Node ${node} on ${platform} with ${cores} cores, shared by the service, the sender and the receiver. ${loadText(machine)}. Medians of the rounds, the middle half in brackets.`,
    table(
      ['promise', 'measured', ''],
      escalationVerdict(report).map(({ promise, measured, kept }) => [promise, measured, kept ? 'kept' : '**missed**']),
    ),
    `### From webhook to notification, ${latency.perSecond} alerts/s`,
    table(
      ['', 'service, ms', 'floor, ms', 'ratio'],
      Object.keys(latency.service).map((name) => [
        name,
        spread(latency.service[name], 1),
        spread(latency.floor[name], 1),
        spread(latency.ratio[name], 1),
      ]),
    ),
    `### Memory while ${spaced(memory.incidents)} incidents pass, ${memory.perSecond.toFixed(0)} a second`,
    table(
      ['', 'second half, MiB', 'growth, MiB for each 10 000'],
      [
        ['heap after collection', memory.heapMib.toFixed(1), signed(memory.heapGrowth)],
        ['RSS', memory.rssMib.toFixed(0), signed(memory.rssGrowth)],
      ],
    ),
    table(
      ['on disk', 'bytes for each incident'],
      [
        ['store: its document and its audit trail', memory.storeBytes.toFixed(0)],
        ['daily log', memory.logBytes.toFixed(0)],
      ],
    ),
    '### Saves in SQLite, each on the disk before it is answered',
    table(
      ['', 'saves a second'],
      [
        ['one after the other: a transaction each', spread(saves.alone, 0)],
        [`${saves.atOnce} at once: they share transactions`, spread(saves.together, 0)],
        ['ratio', spread(saves.ratio, 2)],
      ],
    ),
  ].join('\n\n');
}

function signed(number: number): string {
  return `${number < 0 ? '−' : '+'}${Math.abs(number).toFixed(2)}`;
}

/** 100 000 */
function spaced(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ' ');
}
