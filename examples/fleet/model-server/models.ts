export type Provider = 'openai' | 'anthropic';

export interface Model {
  /** The name a request uses; the ledger's rows carry it too. */
  id: string;
  /** The dated name that answers carry, as the real API's do. A request may use it as well. Default: `id`. */
  snapshot?: string;
  provider: Provider;
  kind: 'chat' | 'embedding';
  /** Median of the wait before the first token, without the thinking. */
  firstTokenMs: number;
  /** Median; embeddings have none to write. */
  tokensPerSecond: number;
  /** Median of the thinking tokens of a call. Default 0: it does not think. */
  reasoningTokens?: number;
  /** Length of an embedding. */
  dimensions?: number;
}

/** The default models. Their speeds are plausible, not measured. */
export const models: readonly Model[] = [
  openai('gpt-4o', '2024-08-06', { firstTokenMs: 450, tokensPerSecond: 90 }),
  openai('gpt-4o-mini', '2024-07-18', { firstTokenMs: 380, tokensPerSecond: 110 }),
  openai('gpt-4.1', '2025-04-14', { firstTokenMs: 500, tokensPerSecond: 85 }),
  openai('gpt-4.1-mini', '2025-04-14', { firstTokenMs: 400, tokensPerSecond: 110 }),
  openai('gpt-5', '2025-08-07', { firstTokenMs: 900, tokensPerSecond: 80, reasoningTokens: 640 }),
  openai('gpt-5-mini', '2025-08-07', { firstTokenMs: 700, tokensPerSecond: 120, reasoningTokens: 320 }),
  openai('o3', '2025-04-16', { firstTokenMs: 1200, tokensPerSecond: 70, reasoningTokens: 900 }),
  openai('o4-mini', '2025-04-16', { firstTokenMs: 800, tokensPerSecond: 110, reasoningTokens: 450 }),
  embedding('text-embedding-3-small', 1536),
  embedding('text-embedding-3-large', 3072),
  anthropic('claude-opus-4-5', '20251101', { firstTokenMs: 1100, tokensPerSecond: 55 }),
  anthropic('claude-sonnet-4-5', '20250929', { firstTokenMs: 800, tokensPerSecond: 70 }),
  anthropic('claude-haiku-4-5', '20251001', { firstTokenMs: 400, tokensPerSecond: 130 }),
];

/** The name that answers of `model` carry. */
export function answeringName(model: Model): string {
  return model.snapshot ?? model.id;
}

type Speed = Pick<Model, 'firstTokenMs' | 'tokensPerSecond' | 'reasoningTokens'>;

function openai(id: string, date: string, speed: Speed): Model {
  return { id, snapshot: `${id}-${date}`, provider: 'openai', kind: 'chat', ...speed };
}

function anthropic(id: string, date: string, speed: Speed): Model {
  return { id, snapshot: `${id}-${date}`, provider: 'anthropic', kind: 'chat', ...speed };
}

function embedding(id: string, dimensions: number): Model {
  return { id, provider: 'openai', kind: 'embedding', firstTokenMs: 90, tokensPerSecond: 0, dimensions };
}
