import { type Model, models } from '../model-server/models.ts';

/** Those of the model server, and what else the fleet's roster names. */
export const demoModels: readonly Model[] = [
  ...models,
  openai('gpt-4.1-nano', { firstTokenMs: 200, tokensPerSecond: 250 }),
  openai('house-preview', { firstTokenMs: 350, tokensPerSecond: 120 }),
  openai('house-classic', { firstTokenMs: 350, tokensPerSecond: 90 }),
];

/** They speak OpenAI's format, whoever runs them. */
function openai(id: string, speed: Pick<Model, 'firstTokenMs' | 'tokensPerSecond'>): Model {
  return { id, provider: 'openai', kind: 'chat', ...speed };
}
