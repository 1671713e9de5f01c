import { createServer } from 'node:http';
import pino from 'pino';
import { addOrder, findOrder } from './orders.js';

const log = pino();
const port = Number(process.env.PORT ?? 8080);
let ratesUrl = process.env.RATES_URL;

/** What a request can fail with, as the client sees it. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const routes = [
  ['GET', /^\/orders\/(\d+)$/, showOrder],
  ['POST', /^\/orders$/, takeOrder],
  ['GET', /^\/rates$/, () => ({ EUR: 1, USD: 1.1, GBP: 0.85 })],
  ['GET', /^\/fail$/, fail],
  ['GET', /^\/healthz$/, () => ({ healthy: true })],
];

async function showOrder(_request, id) {
  const order = findOrder(Number(id));
  if (!order) throw new Refusal(404, `no order ${id}`);
  const response = await fetch(ratesUrl, { signal: AbortSignal.timeout(2000) });
  if (!response.ok) throw new Refusal(502, `rates answered ${response.status}`);
  log.info({ order: order.id }, 'order shown');
  return { ...order, rates: await response.json() };
}

async function takeOrder(request) {
  const { item, quantity } = await readJson(request);
  if (typeof item !== 'string' || !Number.isInteger(quantity) || quantity < 1) {
    throw new Refusal(400, 'an order has an item and a whole quantity of 1 or more');
  }
  const order = addOrder({ item, quantity });
  log.info({ order: order.id }, 'order taken');
  return order;
}

function fail() {
  throw new Error('this route always fails');
}

async function readJson(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > 10_000) throw new Refusal(413, 'an order fits in 10 kB');
    chunks.push(chunk);
  }
  try {
    return Object(JSON.parse(Buffer.concat(chunks)));
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const found = routes.find(([method, path]) => method === request.method && path.test(pathname));
  try {
    if (!found) throw new Refusal(404, 'no such route');
    const [, path, handle] = found;
    reply(response, 200, await handle(request, ...path.exec(pathname).slice(1)));
  } catch (error) {
    if (!(error instanceof Refusal)) log.error(error, 'request failed');
    reply(response, error.status ?? 500, { error: error instanceof Refusal ? error.message : 'internal error' });
  }
});

function reply(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

server.listen(port, () => {
  const address = `http://localhost:${server.address().port}`;
  ratesUrl ??= `${address}/rates`;
  log.info(`listening on ${address}`);
});

process.once('SIGTERM', () => {
  log.info('stopping');
  server.close();
  server.closeIdleConnections();
});
