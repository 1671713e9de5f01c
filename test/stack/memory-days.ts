/** Two days and a morning of a fleet, as a real Prometheus and a real ledger have them: of an evening the samples came late, of a day there are none. */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { getText, until } from '../../doctor/ask.ts';
import type { Fact } from '../../monitor/ledger/fact.ts';
import { dateOf, weekOf } from '../../monitor/memory/periods.ts';
import { agent, chat, span, workflow, zero } from '../../monitor/testing/some-facts.ts';
import { freePort } from './free-port.ts';
import { programs } from './stack.ts';

const [minute, hour] = [60, 3600];
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The newest Saturday whose Monday is over: Prometheus tells of what is past. */
const saturday = (() => {
  const newest = Math.floor(Date.now() / dayMs) * dayMs - 3 * dayMs;
  return newest - ((new Date(newest).getUTCDay() + 1) % 7) * dayMs;
})();
export const week = weekOf(saturday);
export const saturdayDate = dateOf(saturday);
export const sunday = dateOf(saturday + dayMs);

/** So many hours after Saturday begins, ms since 1970. */
export function at(hours: number): number {
  return saturday + hours * hourMs;
}

/** By then Sunday and the week are closed. */
export const mondayMorning = at(55);

/** When what was pushed, or scraped, is in Prometheus, in hours: of the 24 of Sunday nothing ever is. */
const parts = {
  morning: [0, 12],
  afternoon: [12, 18],
  /** While it is away agents go on, and what they have to tell waits in the Collector. */
  late: [18, 22],
  rest: [22, 24],
  monday: [48, 56],
} as const;
type Part = keyof typeof parts;
export const everything = Object.keys(parts) as Part[];

function samples(when: readonly number[], series: string, valueAt: (seconds: number) => number): string[] {
  return when.map((seconds) => `${series} ${valueAt(seconds)} ${saturday / 1000 + seconds}`);
}

function timesIn([from, to]: readonly [number, number], everySeconds: number): number[] {
  const count = ((to - from) * hour) / everySeconds;
  return Array.from({ length: count }, (_, i) => from * hour + (i + 1) * everySeconds);
}

/** No two hours alike. */
function tasksAt(seconds: number): number {
  return Math.floor(seconds / (5 * minute)) + Math.floor((seconds / hour) ** 2);
}

function openMetrics(part: Part): string {
  const when = timesIn(parts[part], 5 * minute);
  const scrapes = part === 'late' ? [] : timesIn(parts[part], 15);
  const code = 'agent_name="code",service_name="fleet",job="fleet"';
  const model = 'gen_ai_request_model="claude-sonnet-5"';
  return [
    ...['# TYPE up gauge', ...samples(scrapes, 'up{job="prometheus",instance="p:9090"}', () => 1)],
    ...['# TYPE agent_tasks_started counter', ...samples(when, `agent_tasks_started_total{${code}}`, tasksAt)],
    '# TYPE agent_tasks_completed counter',
    ...samples(
      when,
      `agent_tasks_completed_total{${code}}`,
      (seconds) => tasksAt(seconds) - Math.floor(seconds / hour),
    ),
    '# TYPE agent_tasks_failed counter',
    ...samples(when, `agent_tasks_failed_total{${code}}`, (seconds) => Math.floor(seconds / hour)),
    '# TYPE agent_cost_usd counter',
    ...samples(when, `agent_cost_usd_total{${code},${model}}`, (seconds) => tasksAt(seconds) / 100),
    '# TYPE pending_approvals_count gauge',
    ...samples(when, 'pending_approvals_count{approval_kind="deploy"}', (seconds) => Math.floor(seconds / hour) % 3),
    ...['# EOF', ''],
  ].join('\n');
}

/** Some work each three hours, Sunday too: the ledger was there. Some fails, some decides, some goes on after midnight. */
export function facts(): Fact[] {
  return Array.from({ length: 18 }, (_, i) => {
    const from = (at(3 * i) - zero) / 1000 + 7;
    const to = from + (i === 7 ? 4 * hour : 600 + i);
    const [trace, error] = [`t${i}`, i % 5 === 3];
    return [
      workflow(`run-${i}`, { trace, id: '01', from, to, error }),
      agent(i % 2 ? 'code' : 'qa', {
        ...{ trace, id: '02', parent: '01', from, to, error },
        ...(error && { message: 'no answer' }),
      }),
      chat({ trace, id: '03', parent: '02', from: from + 1, to: from + 4, usd: 0.01 * (i + 1) }),
      span({
        ...{ trace, id: '04', parent: '02', name: 'agent.decide', from: from + 5, to: from + 5 },
        attributes: { 'agent.decision.name': 'split', 'agent.decision.final_choice': `in ${i}` },
      }),
    ];
  }).flat();
}

/** Writes the blocks of each part into a folder of its own. */
export async function makeBlocks(folder: string): Promise<void> {
  const promtool = join(dirname(await program()), 'promtool');
  for (const part of everything) {
    const path = join(folder, `${part}.txt`);
    writeFileSync(path, openMetrics(part));
    await execa(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', path, join(folder, part)]);
  }
}

export interface Prometheus {
  readonly url: string;
  /** With these parts as well. */
  start(...more: Part[]): Promise<void>;
  stop(): Promise<void>;
}

/** Not yet running. @param blocks of `makeBlocks`. @param folder for its data */
export async function prometheusOf(blocks: string, folder: string): Promise<Prometheus> {
  mkdirSync(folder);
  writeFileSync(join(folder, 'prometheus.yml'), 'global: {}\n');
  const [path, port] = [await program(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  let running: { kill(): void; end: Promise<unknown> } | undefined;
  return {
    url,
    async start(...more) {
      for (const part of more)
        for (const block of readdirSync(join(blocks, part)))
          cpSync(join(blocks, part, block), join(folder, 'data', block), { recursive: true });
      const child = execa(
        path,
        [
          `--config.file=${join(folder, 'prometheus.yml')}`,
          `--storage.tsdb.path=${join(folder, 'data')}`,
          ...['--storage.tsdb.retention.time=30d', `--web.listen-address=127.0.0.1:${port}`],
        ],
        { reject: false },
      );
      running = { kill: () => child.kill(), end: child };
      const ready = () => getText(`${url}/-/ready`).then(() => true);
      const { found } = await until(ready, { timeoutMs: 60_000, everyMs: 100 });
      if (!found) throw new Error(`Cannot start Prometheus: ${(await child).stderr}`);
    },
    async stop() {
      running?.kill();
      await running?.end;
      running = undefined;
    },
  };
}

async function program(): Promise<string> {
  return (await programs()).prometheus?.program as string;
}
