/** A service that asks three models, many times: `node --import … cost-service.ts <model server> <calls>`. */
import Anthropic from '@anthropic-ai/sdk';
import { agent, task, workflow } from '@fleetscope/instrumentation';
import OpenAI from 'openai';

const [, , server = '', calls = '0'] = process.argv;
const openai = new OpenAI({ apiKey: 'none', baseURL: `${server}/v1` });
const anthropic = new Anthropic({ apiKey: 'none', baseURL: server });
// Long enough for both providers to cache it.
const manual = 'Answer as the manual says. '.repeat(400);

const asks: ((question: string) => Promise<unknown>)[] = [
  (content) => openai.chat.completions.create({ model: 'gpt-5-mini', messages: [user(content)] }),
  (content) =>
    openai.chat.completions.create({
      model: 'gpt-4o',
      messages: [{ role: 'system', content: manual }, user(content)],
    }),
  async (content) =>
    drained(
      await openai.chat.completions.create({
        model: 'gpt-4o',
        messages: [user(content)],
        stream: true,
        stream_options: { include_usage: true },
      }),
    ),
  (content) =>
    anthropic.messages.create({
      model: 'claude-sonnet-4-5',
      max_tokens: 400,
      system: [{ type: 'text', text: manual, cache_control: { type: 'ephemeral' } }],
      messages: [user(content)],
    }),
  async (content) =>
    drained(
      await anthropic.messages.create({
        model: 'claude-sonnet-4-5',
        max_tokens: 400,
        messages: [user(content)],
        stream: true,
      }),
    ),
];

/** Calls of one workflow, and so of one trace. */
const perWorkflow = 125;
const atOnce = 10;

for (let done = 0; done < Number(calls); done += perWorkflow) {
  await workflow({ name: 'cost' }, () =>
    agent({ name: 'spender', action: 'ask' }, () =>
      task({ type: 'ask' }, async () => {
        const questions = Array.from({ length: perWorkflow }, (_, at) => done + at);
        const work = async () => {
          for (let at = questions.shift(); at !== undefined; at = questions.shift()) {
            await asks[at % asks.length]?.(`Question ${at}?`);
          }
        };
        await Promise.all(Array.from({ length: atOnce }, work));
      }),
    ),
  );
}

function user(content: string) {
  return { role: 'user' as const, content };
}

async function drained(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}
