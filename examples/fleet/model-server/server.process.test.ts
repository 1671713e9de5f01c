import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { formatMarker, formats } from './answers.ts';
import { isLoopback } from './control.ts';
import { Ledger, type LedgerReport, type LedgerRow, sumOf } from './ledger.ts';
import { models } from './models.ts';
import { paceOf } from './pace.ts';
import { formatIn } from './prompt.ts';
import { Random } from './random.ts';
import { createModelServer, type ModelServerOptions } from './server.ts';
import { withServer } from './with-server.ts';

const question = [{ role: 'user' as const, content: 'task: build a search service' }];
const bodies = [
  ['chat/completions', { model: 'gpt-4o', messages: question }],
  ['chat/completions', { model: 'gpt-5', messages: question, stream: true, stream_options: { include_usage: true } }],
  ['responses', { model: 'o4-mini', input: 'What next?', stream: true }],
  ['messages', { model: 'claude-sonnet-4-5', max_tokens: 500, messages: question }],
  ['messages', { model: 'claude-haiku-4-5', max_tokens: 500, messages: question, stream: true }],
  ['embeddings', { model: 'text-embedding-3-small', input: 'a text' }],
] as const;

/** Status, waits and body of all the calls, twice over. */
function transcript(options: Partial<ModelServerOptions>): Promise<string[]> {
  const fixed = { now: () => 1_700_000_000_000, ...options };
  return withServer(async ({ url }) => {
    const told: string[] = [];
    for (const [path, body] of [...bodies, ...bodies]) {
      const headers = { authorization: 'Bearer any' };
      told.push(
        await fetch(`${url}/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
          .then(async (response) =>
            [response.status, response.headers.get('openai-processing-ms'), await response.text()].join(' '),
          )
          .catch(() => 'connection lost'),
      );
    }
    return told;
  }, fixed);
}

test('S04 the same seed and the same calls give the same bytes, waits and failures; another seed gives others', async () => {
  const speed = 100_000;
  const faults = [
    { kind: 'errors', share: 0.3 },
    { kind: 'reset', share: 0.2 },
  ] as const;
  const [first, again, other] = [
    await transcript({ seed: 1, speed, faults }),
    await transcript({ seed: 1, speed, faults }),
    await transcript({ seed: 2, speed, faults }),
  ];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
  expect(first.some((text) => /^5\d\d/.test(text))).toBe(true);
});

test('S04 a fault does not change the answers it spares', async () => {
  const [calm, stormy] = [await transcript({}), await transcript({ faults: [{ kind: 'errors', share: 0.4 }] })];
  const spared = stormy.filter((text) => text.startsWith('200'));
  expect(spared.length).toBeGreaterThan(0);
  expect(spared.length).toBeLessThan(calm.length);
  expect(calm).toEqual(expect.arrayContaining(spared));
});

test('S04 waits shrink with the speed, grow with the factor of a slow fault, and scatter around the median', () => {
  const [model] = models as [(typeof models)[0]];
  const waits = (slowness: number) =>
    Array.from({ length: 999 }, (_, call) => paceOf(model, new Random(1, call), slowness));
  const sorted = waits(1)
    .map(({ waitMs }) => waitMs)
    .sort((a, b) => a - b);
  expect((sorted[499] as number) / model.firstTokenMs).toBeCloseTo(1, 1);
  expect((sorted[998] as number) / (sorted[499] as number)).toBeGreaterThan(2);
  expect(waits(1 / 4)[0]?.waitMs).toBe((waits(1)[0]?.waitMs ?? 0) / 4);
  expect(waits(1 / Number.POSITIVE_INFINITY)[0]).toEqual({ waitMs: 0, readTokenMs: 0, writeTokenMs: 0 });
});

test('S04 the speed of the server and a slow fault reach the calls', () =>
  withServer(
    async ({ openai, fault }) => {
      const waitMs = async () => {
        const call = openai.chat.completions.create({ model: 'gpt-5', messages: question });
        return Number((await call.withResponse()).response.headers.get('openai-processing-ms'));
      };
      const usual = await waitMs();
      fault({ kind: 'slow', factor: 20, model: 'gpt-4o' });
      expect(await waitMs()).toBeLessThan(10 * usual);
      fault({ kind: 'slow', factor: 20 });
      expect(await waitMs()).toBeGreaterThan(4 * usual);
    },
    { speed: 2000 },
  ));

test('C03 over mixed calls the sums that the clients were told are the ledger', () =>
  withServer(async ({ openai, anthropic, fault, ledger, row, url }) => {
    fault({ kind: 'errors', share: 0.1 });
    const told = { input: 0, output: 0, answers: 0, failures: 0 };
    const add = (input: number, output: number) => {
      told.input += input;
      told.output += output;
      told.answers += 1;
    };
    const calls = [
      async () => {
        const { usage } = await openai.chat.completions.create({ model: 'gpt-4o', messages: question });
        add(usage?.prompt_tokens ?? 0, usage?.completion_tokens ?? 0);
      },
      async () => {
        const stream = openai.responses.stream({ model: 'gpt-5-mini', input: 'What next?' });
        const { usage } = await stream.finalResponse();
        add(usage?.input_tokens ?? 0, usage?.output_tokens ?? 0);
      },
      async () => {
        const { usage } = await anthropic.messages
          .stream({ model: 'claude-haiku-4-5', max_tokens: 500, messages: question })
          .finalMessage();
        add(usage.input_tokens, usage.output_tokens);
      },
    ];
    for (let batch = 0; batch < 5; batch += 1)
      await Promise.all(
        [...calls, ...calls, ...calls, ...calls].map((call) =>
          call().catch(() => {
            told.failures += 1;
          }),
        ),
      );
    const { rows, inFlight, recent } = (await (await fetch(`${url}/__ledger`)).json()) as LedgerReport;
    expect(sumOf(rows)).toMatchObject({ input: told.input, output: told.output });
    expect(rows.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(told.answers);
    expect(told.failures).toBeGreaterThan(0);
    expect(rows.map(({ calls }) => calls)).toEqual([20, 20, 20]);
    for (const one of rows) expect(one.delivered + one.aborted + failuresOf(one), one.model).toBe(one.calls);
    expect([inFlight, recent.length]).toEqual([0, 60]);
    expect(row('gpt-5-mini')).toMatchObject({ streamed: 20, retries: 0 });

    fault({ kind: 'none' });
    await fetch(`${url}/__ledger`, { method: 'DELETE' });
    expect(ledger.report()).toEqual({ rows: [], inFlight: 0, recent: [] });
  }));

function failuresOf({ failed }: LedgerRow): number {
  return Object.values(failed).reduce((sum, count) => sum + count, 0);
}

test('C03 an attempt that repeats another is told apart', () =>
  withServer(async ({ openai, fault, row }) => {
    fault({ kind: 'reset', share: 1 });
    const call = openai.chat.completions.create({ model: 'gpt-4o', messages: question }, { maxRetries: 1 });
    await expect(call).rejects.toThrow('Connection error');
    expect(row('gpt-4o')).toMatchObject({ calls: 2, retries: 1 });
  }));

test('C03 the ledger keeps the newest calls only, and all of the sums', () => {
  const ledger = new Ledger(3);
  const tokens = { input: 5, cachedInput: 1, cacheWrittenInput: 0, output: 2, reasoning: 0 };
  const about = { provider: 'openai', model: 'gpt-4o', streamed: false, retry: false } as const;
  for (const requestId of ['a', 'b', 'c', 'd', 'e']) {
    ledger.begin();
    ledger.settle({ ...about, requestId, outcome: 'delivered', tokens });
  }
  const { recent, rows } = ledger.report();
  expect(recent.map(({ requestId }) => requestId)).toEqual(['c', 'd', 'e']);
  expect(rows).toMatchObject([{ calls: 5, tokens: { input: 25, cachedInput: 5, output: 10 } }]);
});

test('S04 a request whose client leaves in its middle is counted as aborted, one that is too long as refused', () =>
  withServer(async ({ url, ledger }) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /v1/responses HTTP/1.1\r\nhost: a\r\nx-api-key: any\r\ncontent-length: 99\r\n\r\n{', () =>
      socket.destroy(),
    );
    await vi.waitFor(() => expect(ledger.rows()).toMatchObject([{ calls: 1, aborted: 1, failed: {} }]));
    const long = await fetch(`${url}/v1/responses`, {
      ...{ method: 'POST', headers: { 'x-api-key': 'any' } },
      body: new Uint8Array(9 * 2 ** 20),
    });
    expect(long.status).toBe(413);
    expect(ledger.rows()).toMatchObject([{ calls: 2, aborted: 1, failed: { 413: 1 } }]);
    expect(() => createModelServer({ seed: 1, speed: 0 })).toThrow(RangeError);
  }));

test('S04 models are listed to each client as its provider does', () =>
  withServer(async ({ openai, anthropic }) => {
    const listed = { openai: [] as string[], anthropic: [] as string[] };
    for await (const { id } of openai.models.list()) listed.openai.push(id);
    for await (const { id } of anthropic.models.list()) listed.anthropic.push(id);
    const own = (provider: string) => models.filter((model) => model.provider === provider).map(({ id }) => id);
    expect(listed).toEqual({ openai: own('openai'), anthropic: own('anthropic') });
  }));

test('S04 ledger and faults are for this machine only', () => {
  for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])
    expect(isLoopback(address), address).toBe(true);
  for (const address of ['10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', undefined])
    expect(isLoopback(address), address).toBe(false);
});

test('S04 the marker is found in the system prompt, in user and in metadata; nowhere else', () =>
  withServer(async ({ openai, anthropic }) => {
    for (const format of formats)
      expect(formatIn(`You are an agent.\n${formatMarker(format)}\nBe brief.`)).toBe(format);
    expect(formatIn('the information: plan', 'format: poem', 'format: planned', null, undefined)).toBeUndefined();

    expect(formatIn(null, 'Output format: JSON\nformat: plan')).toBe('plan');
    const messages = [{ role: 'user' as const, content: 'What now?' }];
    const tell = async (more: object, message = messages) =>
      (await openai.chat.completions.create({ model: 'gpt-4o', messages: message, ...more })).choices[0]?.message
        .content as string;
    const system = { role: 'system', content: formatMarker('plan') };
    expect(JSON.parse(await tell({ messages: [system, ...messages] }))).toHaveProperty('tasks');
    expect(JSON.parse(await tell({ user: 'session 12 format: decision' }))).toHaveProperty('choice');
    expect(JSON.parse(await tell({ metadata: { format: 'review' } }))).toHaveProperty('verdict');
    expect(await tell({}, [{ role: 'user', content: formatMarker('plan') }])).not.toMatch(/^{/);

    const { output_text } = await openai.responses.create({
      model: 'gpt-4o',
      instructions: formatMarker('code'),
      input: 'x',
    });
    expect(JSON.parse(output_text)).toHaveProperty('tests');
    const { content } = await anthropic.messages.create({
      ...{ model: 'claude-haiku-4-5', max_tokens: 1000, messages },
      metadata: { user_id: formatMarker('research') },
    });
    expect(content[0]?.type === 'text' && JSON.parse(content[0].text)).toHaveProperty('sources');
  }));
