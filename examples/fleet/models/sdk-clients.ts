/** The clients that the preload traces by itself: nothing here knows of telemetry. */
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

export interface Reply {
  text: string;
  tokens: { input: number; output: number };
}

/** A question to one model. */
export interface Question {
  model: string;
  system: string;
  prompt: string;
  signal: AbortSignal;
}

// The fleet has a policy of its own for what fails, so that every attempt is seen.
const own = { maxRetries: 0, timeout: 30_000 };

const longestTokens = 2_000;

export function openaiClient(baseURL: string, apiKey: string) {
  const client = new OpenAI({ ...own, baseURL, apiKey });
  return {
    /** The whole answer at once. */
    async chat({ model, system, prompt, signal }: Question): Promise<Reply> {
      const answer = await client.chat.completions.create(
        { model, messages: [role('system', system), role('user', prompt)], max_completion_tokens: longestTokens },
        { signal },
      );
      const { prompt_tokens: input = 0, completion_tokens: output = 0 } = answer.usage ?? {};
      return { text: answer.choices[0]?.message.content ?? '', tokens: { input, output } };
    },

    /** As it is written. */
    async stream({ model, system, prompt, signal }: Question): Promise<Reply> {
      const chunks = await client.chat.completions.create(
        {
          ...{ model, messages: [role('system', system), role('user', prompt)], max_completion_tokens: longestTokens },
          ...{ stream: true, stream_options: { include_usage: true } },
        },
        { signal },
      );
      const reply: Reply = { text: '', tokens: { input: 0, output: 0 } };
      for await (const { choices, usage } of chunks) {
        reply.text += choices[0]?.delta.content ?? '';
        if (usage) reply.tokens = { input: usage.prompt_tokens, output: usage.completion_tokens };
      }
      return reply;
    },

    /** By the Responses API. */
    async respond({ model, system, prompt, signal }: Question): Promise<Reply> {
      const answer = await client.responses.create(
        { model, instructions: system, input: prompt, max_output_tokens: longestTokens },
        { signal },
      );
      const { input_tokens: input = 0, output_tokens: output = 0 } = answer.usage ?? {};
      return { text: answer.output_text, tokens: { input, output } };
    },
  };
}

export function anthropicClient(baseURL: string, apiKey: string) {
  const client = new Anthropic({ ...own, baseURL, apiKey });
  return {
    async stream({ model, system, prompt, signal }: Question): Promise<Reply> {
      const stream = client.messages.stream(
        { model, system, messages: [{ role: 'user', content: prompt }], max_tokens: longestTokens },
        { signal },
      );
      const { content, usage } = await stream.finalMessage();
      return {
        text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
        tokens: { input: usage.input_tokens, output: usage.output_tokens },
      };
    },
  };
}

function role<R extends 'system' | 'user'>(role: R, content: string): { role: R; content: string } {
  return { role, content };
}
