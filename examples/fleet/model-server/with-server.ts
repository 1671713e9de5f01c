import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { LedgerRow } from './ledger.ts';
import { createModelServer, type ModelServer, type ModelServerOptions } from './server.ts';

export interface Running extends Pick<ModelServer, 'ledger' | 'fault'> {
  url: string;
  openai: OpenAI;
  anthropic: Anthropic;
  /** The ledger's row of a model. @throws Error where it has none. */
  row(model: string): LedgerRow;
  close(): Promise<void>;
}

/** For tests: a server that waits for nothing, and the real clients, which do not repeat what fails. */
export async function withServer<T>(
  use: (running: Running) => Promise<T>,
  options: Partial<ModelServerOptions> = {},
): Promise<T> {
  const { ledger, fault, listen } = createModelServer({ seed: 7, speed: Number.POSITIVE_INFINITY, ...options });
  const { url, close } = await listen();
  const row = (model: string): LedgerRow => {
    const found = ledger.rows().find((row) => row.model === model);
    if (!found) throw new Error(`Cannot find ${model} in the ledger: ${JSON.stringify(ledger.rows())}.`);
    return found;
  };
  const openai = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 });
  const anthropic = new Anthropic({ apiKey: 'any', baseURL: url, maxRetries: 0 });
  try {
    return await use({ ledger, fault, url, openai, anthropic, row, close });
  } finally {
    await close();
  }
}
