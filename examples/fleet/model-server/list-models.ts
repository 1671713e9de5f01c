import type { IncomingMessage, ServerResponse } from 'node:http';
import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import type { Model } from './models.ts';

/** `GET /v1/models`, in Anthropic's shape for a client that says who it is. Not a model call: no ledger, no key. */
export function listModels(
  { headers }: IncomingMessage,
  response: ServerResponse,
  models: ReadonlyMap<string, Model>,
): void {
  const provider = headers['anthropic-version'] ? 'anthropic' : 'openai';
  const own = [...new Set(models.values())].filter((model) => model.provider === provider);
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify(provider === 'openai' ? openaiList(own) : anthropicList(own)));
}

function openaiList(models: readonly Model[]): { object: 'list'; data: OpenAI.Model[] } {
  return {
    object: 'list',
    data: models.map(({ id }) => ({ id, object: 'model', created: 0, owned_by: 'model-server' })),
  };
}

function anthropicList(models: readonly Model[]): { data: Partial<Anthropic.ModelInfo>[]; has_more: boolean } {
  return {
    data: models.map(({ id }) => ({ id, type: 'model', display_name: id, created_at: new Date(0).toISOString() })),
    has_more: false,
  };
}
