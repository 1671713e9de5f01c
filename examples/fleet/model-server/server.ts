import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messages } from './anthropic-messages.ts';
import { control } from './control.ts';
import { exchange, type World } from './exchange.ts';
import { type Fault, Faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import { listModels } from './list-models.ts';
import { models as defaultModels, type Model } from './models.ts';
import { chatCompletions } from './openai-chat.ts';
import { embeddings } from './openai-embeddings.ts';
import { responses } from './openai-responses.ts';
import { PromptCache } from './prompt-cache.ts';
import { RateLimits } from './rate-limit.ts';
import { Refusal, refusalBody } from './refusal.ts';
import type { Wire } from './wire.ts';

export interface ModelServerOptions {
  /** The same seed and the same calls in the same order give the same answers, tokens, waits and failures. */
  seed: number;
  /** How many times faster than a provider; `Infinity` waits for nothing. Default 1. */
  speed?: number;
  /** Replaces the default ones; spread them to add one. */
  models?: readonly Model[];
  faults?: readonly Fault[];
  /** Time of day in milliseconds: for `created`, the prompt cache and the rate limits. Default `Date.now`. */
  now?: () => number;
}

export interface ModelServer {
  /** What every call came to. */
  ledger: Ledger;
  /** Switches a fault on, or all off. It holds for calls that begin from now on. */
  fault(fault: Fault): void;
  /** `port` 0 takes a free one. @throws Error where it is taken. */
  listen(port?: number, host?: string): Promise<{ url: string; close(): Promise<void> }>;
}

/** A server that speaks as OpenAI and as Anthropic do, and counts what it said. @throws RangeError for a speed of 0. */
export function createModelServer(options: ModelServerOptions): ModelServer {
  const { seed, speed = 1, models = defaultModels, faults = [], now = Date.now } = options;
  if (!(speed > 0)) throw new RangeError(`Cannot make the model server: speed is ${speed}, give more than 0.`);
  const world: World = {
    ...{ seed, speed, now, calls: 0 },
    models: new Map(models.flatMap((model) => [model.id, model.snapshot ?? model.id].map((name) => [name, model]))),
    ledger: new Ledger(),
    faults: new Faults(),
    limits: new RateLimits(),
    cache: new PromptCache(),
  };
  const fault = (fault: Fault): void => {
    world.faults.set(fault);
    if (fault.kind === 'rateLimit' || fault.kind === 'none') world.limits.restart();
  };
  for (const one of faults) fault(one);
  return {
    ledger: world.ledger,
    fault,
    listen: (port = 0, host = '127.0.0.1') => listen(port, host, (...exchanged) => route(...exchanged, world, fault)),
  };
}

const wires = new Map<string, Wire>(
  [chatCompletions, responses, embeddings, messages].map((wire) => [`POST ${wire.path}`, wire]),
);

function route(
  request: IncomingMessage,
  response: ServerResponse,
  world: World,
  fault: (fault: Fault) => void,
): void | Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] as string;
  const wire = wires.get(`${request.method} ${path}`);
  if (wire) return exchange(wire, request, response, world);
  if (path.startsWith('/__')) return control(path, request, response, { ...world, fault });
  if (request.method === 'GET' && path === '/v1/models') return listModels(request, response, world.models);
  const refusal = new Refusal(404, `Unknown request URL: ${request.method} ${path}.`, { code: 'unknown_url' });
  response
    .writeHead(404, { 'content-type': 'application/json' })
    .end(JSON.stringify(refusalBody('openai', refusal, '')));
}

// Longer than any client keeps an idle connection: the server never closes one under a request.
const keepAliveMs = 120_000;

async function listen(
  port: number,
  host: string,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer({ keepAliveTimeout: keepAliveMs }, handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new Error(`Cannot start the model server: ${cause.message}. Give another port, or 0 for a free one.`, {
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  const bound = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
