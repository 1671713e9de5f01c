import { afterAll, beforeAll, expect, test } from 'vitest';
import { sumOf } from '../../../examples/fleet/model-server/ledger.ts';
import { withServer } from '../../../examples/fleet/model-server/with-server.ts';
import { buildIfStale, createHost, type Host } from '../testing/host.ts';
import { withReceiver } from '../testing/receiver.ts';

let host: Host;
beforeAll(() => {
  buildIfStale();
  host = createHost();
});
afterAll(() => host.remove());

// One call of each kind; what the answers are is printed, so that a run with the preload can be compared with one without.
const program = `
const ask = async () => {
  const url = process.env.MODELS;
  const openai = new OpenAI({ apiKey: 'any', baseURL: url + '/v1' });
  const anthropic = new Anthropic({ apiKey: 'any', baseURL: url });
  const messages = [{ role: 'user', content: 'What is a ledger?' }];
  const chat = { model: 'gpt-4o', messages };
  const claude = { model: 'claude-haiku-4-5', max_tokens: 500, messages };
  const plain = await openai.chat.completions.create(chat).withResponse();
  console.log(plain.response.status, plain.data.choices[0].message.content);
  const stream = await openai.chat.completions.create({ ...chat, stream: true, stream_options: { include_usage: true } });
  for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? '\\n');
  const vectors = await openai.embeddings.create({ model: 'text-embedding-3-small', input: 'one' });
  console.log(vectors.data[0].embedding.length);
  console.log((await anthropic.messages.create(claude)).content[0].text);
  console.log((await anthropic.messages.stream(claude).finalMessage()).stop_reason);
  await openai.chat.completions.create({ ...chat, model: 'gpt-0' }).catch((error) => console.log(error.constructor.name, error.status));
};
ask();`;

const programs = {
  'imports.mjs': `import OpenAI from 'openai'; import Anthropic from '@anthropic-ai/sdk';${program}`,
  'imports-paths.mjs': `import { OpenAI } from 'openai/client'; import { Anthropic } from '@anthropic-ai/sdk/client';${program}`,
  'requires.cjs': `const OpenAI = require('openai'); const Anthropic = require('@anthropic-ai/sdk');${program}`,
  'requires-paths.cjs': `const { OpenAI } = require('openai/client.js'); const { Anthropic } = require('@anthropic-ai/sdk/client');${program}`,
};
const cases = [
  ['imports.mjs', '--import'],
  ['imports-paths.mjs', '--import'],
  ['requires.cjs', '--require'],
  ['requires-paths.cjs', '--import'],
] as const;

test.concurrent.each(cases)(
  'S04 %s with %s: every model call is traced, without a line of code',
  async (main, preload) => {
    host.write(main, programs[main]);
    const alone = await withServer(({ url }) => host.run(main, { preloads: [], env: { MODELS: url } }));
    await withServer(async ({ url, ledger }) => {
      await withReceiver(async (receiver, env) => {
        const { code, stdout, stderr, warnings } = await host.run(main, {
          preloads: [preload],
          env: { ...env, MODELS: url },
        });
        expect({ code, stdout, stderr, warnings }).toEqual({ code: 0, stdout: alone.stdout, stderr: '', warnings: [] });
        const scopes = Map.groupBy(receiver.spans, ({ scope }) => scope);
        expect([...scopes.keys()].sort()).toEqual([
          '@fleetscope/instrumentation',
          '@opentelemetry/instrumentation-undici',
        ]);
        expect(
          scopes
            .get('@fleetscope/instrumentation')
            ?.map(({ name }) => name)
            .sort(),
        ).toEqual([
          ...['chat claude-haiku-4-5', 'chat claude-haiku-4-5'],
          ...['chat gpt-0', 'chat gpt-4o', 'chat gpt-4o', 'embeddings text-embedding-3-small'],
        ]);
        const calls = ledger.rows().reduce((sum, row) => sum + row.calls, 0);
        expect(scopes.get('@opentelemetry/instrumentation-undici')).toHaveLength(calls);
        const { input, output } = sumOf(ledger.rows());
        expect(receiver.metrics).toMatchObject({
          'agent.tokens': input + output,
          'gen_ai.client.operation.duration': calls,
        });
        expect(receiver.failures).toMatchObject({ 'llm.errors 404': 1 });
      });
    });
  },
);
