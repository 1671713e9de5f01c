import type { Ended } from '../../instrumentation/src/testing/host.ts';

/** What the program below says of itself at its end. */
export interface Load {
  right: number;
  wrong: number;
  /** Of its requests. */
  p99Ms: number;
  /** Over what it was before the first request. */
  grownMiB: number;
  /** Since its start. */
  doneMs: number;
}

/**
 * A service that makes 1000 spans a second for 6 s: two for each of 250 requests that it sends to itself, the rest by
 * hand. With `HELD_UP` each request waits as telemetry must not.
 */
export const load = `
const http = require('http');
const { performance } = require('perf_hooks');
const { trace } = require('@opentelemetry/api');
const tracer = trace.getTracer('load');
const tookMs = [];
let asked = 0, wrong = 0, before;
const server = http.createServer((request, response) => {
  if (process.env.HELD_UP) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
  response.end('answer to ' + request.url);
});
process.on('unhandledRejection', () => wrong++);

async function ask(path) {
  const beganMs = performance.now();
  const text = await new Promise((resolve, reject) => {
    http.get({ port: server.address().port, host: '127.0.0.1', path }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (part) => { text += part; });
      response.on('end', () => resolve(text));
    }).on('error', reject);
  }).catch(String);
  if (text !== 'answer to ' + path) wrong++;
  tookMs.push(performance.now() - beganMs);
}

server.listen(0, '127.0.0.1', () => {
  const endsAt = Date.now() + 6000;
  before = process.memoryUsage.rss();
  const asking = [];
  const ticking = setInterval(() => {
    for (let at = 0; at < 21; at++) tracer.startSpan('made by hand', { attributes: { asked, at } }).end();
    asking.push(ask('/' + asked++));
    if (Date.now() < endsAt) return;
    clearInterval(ticking);
    Promise.all(asking).then(() => {
      const p99Ms = tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length * 0.99)];
      const grownMiB = (process.memoryUsage.rss() - before) / 2 ** 20;
      console.log(JSON.stringify({ right: asked - wrong, wrong, p99Ms, grownMiB, doneMs: performance.now() }));
      server.close();
      server.closeAllConnections();
    });
  }, 24);
});`;

export function readLoad({ stdout }: Ended): Load {
  return JSON.parse(stdout);
}
