import { expect, test } from 'vitest';
import { readPrometheus } from './prometheus.ts';
import { metrics } from './remembered.ts';
import { spans } from './span.ts';

const endMs = Date.parse('2026-02-15T10:00Z');
const url = 'http://p:9090';
const completed = metrics.filter(({ metric }) => metric === 'tasks_completed');
const cost = metrics.filter(({ metric }) => metric === 'cost');

interface Series {
  readonly metric: Record<string, string>;
  readonly value: [number, string];
}

/** Answers each question by its text, and remembers them. */
function prometheus(answer: (query: string) => Series[], more: object = {}) {
  const asked: URLSearchParams[] = [];
  const fetch = async (_: unknown, init?: RequestInit) => {
    const body = init?.body as URLSearchParams;
    asked.push(body);
    const result = answer(body.get('query') as string);
    return Response.json({ status: 'success', data: { resultType: 'vector', result }, ...more });
  };
  return { source: { url, fetch: fetch as typeof globalThis.fetch }, asked };
}

const one = (value: string, metric = {}): Series => ({ metric, value: [endMs / 1000, value] });

test('M03 reads everything at the end of the hour, and how much of it Prometheus was there', async () => {
  const { source, asked } = prometheus((query) => {
    if (query.startsWith('max(count_over_time(up')) return [one('180')];
    return [one('0.1', { agent_name: 'qa' }), one('0.7', { agent_name: 'code' }), one('0.2', { agent_name: 'pm' })];
  });
  const { coverage, answers } = await readPrometheus(source, endMs, spans['1h'], completed);
  expect(coverage).toBe(0.75);
  expect(answers.get('tasks_completed')).toEqual([
    // Added up in any order: without dust.
    { labels: {}, value: 1 },
    { labels: { agent_name: 'qa' }, value: 0.1 },
    { labels: { agent_name: 'code' }, value: 0.7 },
    { labels: { agent_name: 'pm' }, value: 0.2 },
  ]);
  expect(new Set(asked.map((body) => body.get('time')))).toEqual(new Set([String(endMs / 1000)]));
  // Of Thanos: all or nothing.
  expect(new Set(asked.map((body) => body.get('partial_response')))).toEqual(new Set(['false']));
});

test('M03 what has no such label is in the sum of everything alone', async () => {
  const [code, qa, model] = [{ agent_name: 'code' }, { agent_name: 'qa' }, { gen_ai_request_model: 'm-1' }];
  const { source } = prometheus((query) => {
    if (!query.includes('agent_cost')) return [];
    return [one('3', { ...code, ...model }), one('1', code), one('5', { ...qa, ...model })];
  });
  const { coverage, answers } = await readPrometheus(source, endMs, spans['1h'], cost);
  expect(answers.get('cost')).toEqual([
    { labels: {}, value: 9 },
    { labels: code, value: 4 },
    { labels: qa, value: 5 },
    { labels: model, value: 8 },
  ]);
  expect(coverage).toBe(0);
});

test('M03 what does not add up is asked for each; what is no number is nothing', async () => {
  const limits = metrics.filter(({ metric }) => metric === 'api_rate_limit');
  const { source, asked } = prometheus((query) =>
    query.includes('by (api_name)') ? [one('0.7', { api_name: 'a' }), one('NaN', { api_name: 'b' })] : [one('0.8')],
  );
  const { answers } = await readPrometheus(source, endMs, spans['24h'], limits);
  expect(answers.get('api_rate_limit')).toEqual([
    { labels: {}, value: 0.8 },
    { labels: { api_name: 'a' }, value: 0.7 },
  ]);
  expect(asked).toHaveLength(3);
  // Nothing of what is the sum of its hours.
  expect((await readPrometheus(source, endMs, spans['24h'], cost)).answers.get('cost')).toEqual([]);
});

test('M03 a histogram is asked for once: of all its buckets together, and of each label by itself; of nothing there is no percentile', async () => {
  const p95 = metrics.filter(({ metric }) => metric === 'task_p95');
  const buckets = (agent: object, counts: readonly [string, string][]) =>
    counts.map(([le, count]) => one(count, { ...agent, le }));
  const { source, asked } = prometheus((query) =>
    query.includes('by (le, agent_name)')
      ? [
          ...buckets({ agent_name: 'code' }, [
            ['10', '20'],
            ['5', '18'],
            ['+Inf', '20'],
          ]),
          ...buckets({ agent_name: 'qa' }, [
            ['5', '0'],
            ['10', '0'],
            ['+Inf', '0'],
          ]),
          // Of no agent: in the whole alone.
          ...buckets({}, [
            ['5', '20'],
            ['10', '20'],
            ['+Inf', '20'],
          ]),
        ]
      : [],
  );
  const { answers } = await readPrometheus(source, endMs, spans['24h'], p95);
  expect(answers.get('task_p95')).toEqual([
    { labels: {}, value: 5 },
    { labels: { agent_name: 'code' }, value: 7.5 },
  ]);
  expect(asked).toHaveLength(2);
});

const failing = (answer: () => Promise<Response>) =>
  readPrometheus({ url, timeoutMs: 50, fetch: answer as typeof fetch }, endMs, spans['1h'], completed);

test('M03 what cannot be asked is an error that says so, never a gap', async () => {
  const refused = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
  await expect(failing(() => Promise.reject(refused))).rejects.toThrow(
    'Cannot read its own scrapes from Prometheus at http://p:9090: no answer (connect ECONNREFUSED). Look at "npm run status".',
  );
  await expect(failing(() => Promise.reject(new DOMException('late', 'TimeoutError')))).rejects.toThrow(
    'no answer within 50 ms',
  );
  const said = { status: 'error', error: 'query timed out' };
  await expect(failing(async () => Response.json(said, { status: 503 }))).rejects.toThrow(
    'it answers 503: query timed out. Look at its log.',
  );
  await expect(failing(async () => new Response('<html>', { status: 502 }))).rejects.toThrow('it answers 502: <html>');
});

test('M03 a part of the answer is none; a note on the query is no part', async () => {
  const part = prometheus(() => [], { warnings: ['no StoreAPIs matched'] });
  await expect(readPrometheus(part.source, endMs, spans['1h'], completed)).rejects.toThrow(
    'it has only a part (no StoreAPIs matched)',
  );
  const note = prometheus(() => [], { warnings: ['PromQL warning: bucket label "le" is missing'] });
  expect((await readPrometheus(note.source, endMs, spans['1h'], completed)).answers.get('tasks_completed')).toEqual([]);
});
