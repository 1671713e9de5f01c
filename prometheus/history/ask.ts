import { getJson, getText } from '../../doctor/ask.ts';
import { addTimes, type Run } from './simulate.ts';

/** A series of an alert's condition: its labels, and when it had an answer. */
export interface Course {
  labels: Readonly<Record<string, string>>;
  runs: Run[];
}

/** A stretch of time in whole seconds since the epoch; both ends are multiples of the step. */
export interface Stretch {
  from: number;
  to: number;
  step: number;
}

/** Prometheus answers 11 000 points per series and refuses more. */
const pointsPerAnswer = 11_000;
const patienceMs = 120_000;

/** When an expression had an answer, asked in as many range queries as it takes. @throws Error in Prometheus' words. */
export async function ask(prometheus: string, query: string, stretch: Stretch): Promise<Course[]> {
  const courses = new Map<string, Course>();
  for (const { from, to } of chunks(stretch)) {
    const { step } = stretch;
    const parameters = new URLSearchParams({ query, start: String(from), end: String(to), step: String(step) });
    const { data } = (await getJson(`${prometheus}/api/v1/query_range?${parameters}`, patienceMs)) as {
      data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
    };
    for (const { metric, values } of data.result) {
      // An alert has the labels of its series without the name.
      const { __name__: _, ...labels } = metric;
      const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
      const course = courses.get(key) ?? { labels, runs: [] };
      courses.set(key, course);
      addTimes(
        course.runs,
        values.map(([time]) => time),
        step,
      );
    }
  }
  return [...courses.values()];
}

/** The stretch in parts of so many points; none is asked twice. */
export function chunks({ from, to, step }: Stretch, points = pointsPerAnswer): { from: number; to: number }[] {
  const parts: { from: number; to: number }[] = [];
  for (let at = from; at <= to; at += points * step)
    parts.push({ from: at, to: Math.min(to, at + (points - 1) * step) });
  return parts;
}

/** The time of the oldest sample, in seconds since the epoch; undefined where the server does not tell. */
export async function oldestSample(prometheus: string): Promise<number | undefined> {
  const text = await getText(`${prometheus}/metrics`).catch(() => '');
  const seconds = Number(/^prometheus_tsdb_lowest_timestamp_seconds (\S+)$/m.exec(text)?.[1]);
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** @throws Error that says what to do where nothing answers. */
export async function needAnswer(prometheus: string): Promise<void> {
  const query = new URLSearchParams({ query: '1' });
  await getJson(`${prometheus}/api/v1/query?${query}`).catch((cause: Error) => {
    const remedy = 'Start the stack with "npm run up", or give --prometheus';
    throw new Error(`Cannot ask Prometheus: ${cause.message}. ${remedy}.`, { cause });
  });
}
