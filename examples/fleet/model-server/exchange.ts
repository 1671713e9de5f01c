import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer } from './answer.ts';
import { deliverStream, deliverWhole, wait } from './deliver.ts';
import type { Faults } from './faults.ts';
import { jsonBody } from './json-body.ts';
import type { Ledger, Outcome, Tokens } from './ledger.ts';
import type { Model } from './models.ts';
import { paceOf, timesOf } from './pace.ts';
import type { PromptCache } from './prompt-cache.ts';
import { Random } from './random.ts';
import { limitHeaders, type RateLimits } from './rate-limit.ts';
import { missingKey, outage, Refusal, refusalBody, tooManyCalls, unknownModel } from './refusal.ts';
import type { CallFacts, Wire } from './wire.ts';

/** What all calls of a server share. */
export interface World {
  seed: number;
  speed: number;
  /** Time of day in milliseconds. */
  now(): number;
  /** By id and by snapshot. */
  models: ReadonlyMap<string, Model>;
  ledger: Ledger;
  faults: Faults;
  limits: RateLimits;
  cache: PromptCache;
  /** Calls that have begun. */
  calls: number;
}

/** One call, from its request to its line in the ledger. Does not throw: a mistake of ours is answered with 500. */
export async function exchange(
  wire: Wire,
  request: IncomingMessage,
  response: ServerResponse,
  world: World,
): Promise<void> {
  const { provider } = wire;
  const number = world.calls++;
  const random = new Random(world.seed, number);
  const call: CallFacts = { suffix: number.toString(36).padStart(6, '0') + random.hex(18), createdMs: world.now() };
  const about = {
    requestId: `req_${call.suffix}`,
    provider,
    model: '(unknown)',
    streamed: false,
    // Both clients number their attempts.
    retry: Number(request.headers['x-stainless-retry-count'] ?? 0) > 0,
  };
  const headers: Record<string, string | number> = {
    [provider === 'openai' ? 'x-request-id' : 'request-id']: about.requestId,
  };
  let tokens: Tokens | undefined;
  const settle = (outcome: Outcome) => world.ledger.settle({ ...about, outcome, ...(tokens && { tokens }) });

  world.ledger.begin();
  try {
    if (!hasKey(request)) throw missingKey(provider);
    const body = await jsonBody(request);
    const model = world.models.get(Object(body).model);
    if (model?.provider === provider) about.model = model.id;
    const reading = wire.read(body);
    const { prompt } = reading;
    about.streamed = prompt.stream && reading.stream !== undefined;
    if (model?.provider !== provider || model.kind !== wire.kind) throw unknownModel(provider, prompt.model);

    const { taken, allowance } = world.limits.take(model, world.faults.limitOf(model), call.createdMs);
    Object.assign(headers, limitHeaders(provider, allowance));
    if (!taken) throw tooManyCalls(model.id, Math.ceil(allowance.resetMs / 1000));

    const trouble = world.faults.troubleOf(model, random);
    const pace = paceOf(model, random, trouble.slowness / world.speed);
    if (trouble.status) {
      await wait(pace.waitMs, response);
      throw trouble.status === 429 ? tooManyCalls(model.id, 1) : outage(trouble.status);
    }

    const cache = world.cache.use(model, prompt, call.createdMs);
    const given = answer(model, prompt, random, { cache, costFactor: trouble.costFactor });
    const times = timesOf(pace, given);
    tokens = given.tokens;
    world.limits.spend(model, tokens.input + tokens.output);
    if (provider === 'openai') headers['openai-processing-ms'] = Math.round(times.firstTokenMs + times.writingMs);

    const delivery =
      about.streamed && reading.stream
        ? await deliverStream(response, headers, reading.stream(given, call), times, trouble.resetAt)
        : await deliverWhole(response, headers, JSON.stringify(reading.whole(given, call)), times, trouble.resetAt);
    // Counted first: a client that has its answer finds it in the ledger.
    settle(delivery.outcome === 'ready' ? 'delivered' : delivery.outcome);
    if (delivery.outcome === 'ready') response.end(delivery.rest);
    if (delivery.outcome === 'reset') request.socket.resetAndDestroy();
  } catch (error) {
    const gone = response.destroyed || (!request.complete && !(error instanceof Refusal));
    if (gone) return settle('aborted');
    const refusal = error instanceof Refusal ? error : mistake(error);
    settle(refusal.status);
    if (refusal.retryAfterS !== undefined) headers['retry-after'] = refusal.retryAfterS;
    response
      .writeHead(refusal.status, { ...headers, 'content-type': 'application/json' })
      .end(JSON.stringify(refusalBody(provider, refusal, about.requestId)));
  }
}

/** Any key will do. */
function hasKey({ headers }: IncomingMessage): boolean {
  return Boolean(headers['x-api-key'] || /^Bearer +\S/i.test(headers.authorization ?? ''));
}

function mistake(error: unknown): Refusal {
  console.error(error);
  return new Refusal(500, `Cannot answer: the model server has a mistake, ${error}. Its output has the stack.`);
}
