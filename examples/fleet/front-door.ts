import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { recordResponseTime } from '@fleetscope/instrumentation';
import * as v from 'valibot';
import type { Counts } from './counts.ts';
import type { Reception } from './reception.ts';
import { commandSchema, requestSchema } from './requests.ts';
import { HttpError } from './tools/http-error.ts';

type Route = [
  method: string,
  path: RegExp,
  operation: string,
  answer: (request: IncomingMessage, number: number) => unknown,
];

/** Where requests, commands and opinions come in, over HTTP. Work is taken at once and done later. */
export async function openFrontDoor(reception: Reception, counts: Counts): Promise<{ url: string; close(): void }> {
  const routes: Route[] = [
    ['POST', /^\/requests$/, 'take_request', takeRequest],
    ['POST', /^\/commands$/, 'take_command', takeCommand],
    ['GET', /^\/requests\/(\d+)$/, 'tell_state', tellState],
    ['POST', /^\/requests\/(\d+)\/feedback$/, 'take_feedback', takeFeedback],
  ];

  async function takeRequest(message: IncomingMessage) {
    const request = await bodyOf(message, requestSchema);
    if (!reception.take({ kind: 'request', request })) throw full();
    return { number: request.number };
  }

  async function takeCommand(message: IncomingMessage) {
    const token = /^Bearer (.+)$/.exec(message.headers.authorization ?? '')?.[1] ?? '';
    const command = { ...(await bodyOf(message, commandSchema)), token };
    if (!reception.take({ kind: 'command', command })) throw full();
    return { number: command.number };
  }

  function tellState(_: IncomingMessage, number: number) {
    const state = reception.stateOf(number);
    if (!state) throw new HttpError(`There is no request ${number}.`, 404);
    return state;
  }

  async function takeFeedback(message: IncomingMessage, number: number) {
    const { score } = await bodyOf(message, v.object({ score: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) }));
    if (!reception.feedback(number, score)) throw new HttpError(`There is no answer ${number} to judge.`, 404);
    counts.add('feedback', 'given');
    return {};
  }

  const server = createServer(async (message, response) => {
    const started = performance.now();
    const path = (message.url ?? '').split('?', 1)[0] as string;
    const [, pattern, operation = 'unknown', answer] =
      routes.find(([method, pattern]) => method === message.method && pattern.test(path)) ?? [];
    let status = 200;
    let body: unknown;
    try {
      if (!answer) throw new HttpError(`There is no ${message.method} ${path}.`, 404);
      body = await answer(message, Number(pattern?.exec(path)?.[1]));
    } catch (error) {
      status = error instanceof HttpError ? error.status : 500;
      body = { error: (error as Error).message };
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    recordResponseTime((performance.now() - started) / 1000, { operation, size: 'small' });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const longestBody = 10_000;

async function bodyOf<S extends v.GenericSchema>(message: IncomingMessage, schema: S): Promise<v.InferOutput<S>> {
  let text = '';
  for await (const chunk of message.setEncoding('utf8')) {
    text += chunk;
    if (text.length > longestBody) throw new HttpError(`A body has at most ${longestBody} characters.`, 413);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new HttpError('The body is not JSON.', 400);
  }
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  throw new HttpError(`${v.getDotPath(result.issues[0])}: ${result.issues[0].message}`, 400);
}

function full(): HttpError {
  return new HttpError('Too much waits already. Ask again later.', 503);
}
