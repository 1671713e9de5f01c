/** What a made-up fleet sends, encoded: traces of ten spans and lines of logs. The same number gives the same request, everywhere. */
import { randomBytes } from 'node:crypto';
import { mulberry32 } from '../monitor/analysis/mulberry32.ts';
import { attributes, eight, field, Template, whole } from './scale-template.ts';

export const services = Array.from({ length: 20 }, (_, i) => `scale-service-${i}`);
export const models = ['claude-sonnet-5', 'gpt-5', 'gemini-3-pro'] as const;
const tracesOfARequest = 10;
const spansOfATrace = 10;
const linesOfARequest = 200;

/** Of the ten spans of a trace so many are of the fleet, and go to the run ledger as well. */
export const fleetSpans = 3;

type Attributes = Record<string, string | number | boolean>;

/** What every service says of itself. */
export function resource(service: string, instance: number): Buffer {
  return field(1, [
    attributes(1, {
      ...{ 'service.name': service, 'service.namespace': 'scale', 'service.version': '1.4.2' },
      ...{ 'service.instance.id': `${service}-${instance}`, 'deployment.environment.name': 'production' },
      ...{ 'host.name': `node-${instance % 7}`, 'process.pid': 4000 + instance, 'telemetry.sdk.language': 'nodejs' },
      ...{ 'telemetry.sdk.name': 'opentelemetry', 'telemetry.sdk.version': '3.0.0' },
    }),
  ]);
}

/** One request: ten traces of ten spans each, of one service. */
export function spans(seed: number): Template {
  const random = mulberry32(seed);
  return new Template(tracesOfARequest * spansOfATrace, (template) =>
    field(1, [
      resource(services[seed % services.length] as string, seed),
      field(2, [
        field(1, [field(1, 'scale')]),
        ...Array.from({ length: tracesOfARequest }, () => trace(template, random)),
      ]),
    ]),
  );
}

function trace(template: Template, random: () => number): Buffer {
  const [traceId, rootId] = [shared(template, 16), shared(template, 8)];
  return Buffer.concat(
    Array.from({ length: spansOfATrace }, (_, i) => {
      const { name, kind, says } = (i === 0 ? root : works[(i - 1) % works.length]) as Shape;
      const [startMs, tookMs] = i === 0 ? [200, 195] : [190 - i * 18, 5 + random() * 12];
      return field(2, [
        field(1, traceId()),
        field(2, i === 0 ? rootId() : template.id(8)),
        ...(i === 0 ? [] : [field(4, rootId())]),
        field(5, name),
        whole(6, kind),
        eight(7, template.time(startMs)),
        eight(8, template.time(startMs - tookMs)),
        attributes(9, says(random)),
        ...(random() < 0.03 ? [field(15, [field(2, 'no answer in 2000 ms'), whole(3, 2)])] : []),
      ]);
    }),
  );
}

/** The same chance bytes in several slots: the first one draws them. */
function shared(template: Template, width: 8 | 16): () => Buffer {
  let drawn = Buffer.alloc(width);
  let isDrawn = false;
  return () => {
    const draws = !isDrawn;
    isDrawn = true;
    return template.slot((bytes, at) => {
      if (draws) drawn = randomBytes(width);
      drawn.copy(bytes, at);
    }, width);
  };
}

interface Shape {
  readonly name: string;
  /** As OTLP counts: 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly says: (random: () => number) => Attributes;
}

const root: Shape = {
  ...{ name: 'POST /api/tasks', kind: 2 },
  says: (random) => ({
    ...{ 'http.request.method': 'POST', 'http.route': '/api/tasks', 'url.path': `/api/tasks/${below(random, 1e6)}` },
    ...{ 'url.scheme': 'https', 'http.response.status_code': 200, 'server.address': 'api.example.com' },
    ...{ 'client.address': `10.0.${below(random, 256)}.${below(random, 256)}`, 'network.protocol.version': '1.1' },
    'user_agent.original': 'fleet-client/2.1 (linux; node 24)',
  }),
};

const database: Shape = {
  ...{ name: 'SELECT tasks', kind: 3 },
  says: (random) => ({
    ...{ 'db.system.name': 'postgresql', 'db.namespace': 'tasks', 'db.operation.name': 'SELECT' },
    ...{ 'db.collection.name': 'tasks', 'server.address': 'db.example.com', 'server.port': 5432 },
    'db.query.text': 'SELECT id, title, state FROM tasks WHERE owner = $1 AND state = $2 ORDER BY id LIMIT 50',
    'db.response.returned_rows': below(random, 50),
  }),
};

const chat: Shape = {
  ...{ name: 'chat claude-sonnet-5', kind: 3 },
  says: (random) => ({
    ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'anthropic', 'gen_ai.request.model': models[0] },
    ...{ 'gen_ai.response.model': models[0], 'gen_ai.response.id': `msg_${below(random, 1e9).toString(36)}` },
    ...{ 'gen_ai.usage.input_tokens': below(random, 8000), 'gen_ai.usage.output_tokens': below(random, 900) },
    ...{ 'agent.name': `agent-${below(random, 12)}`, 'gen_ai.request.temperature': 0.2 },
  }),
};

const step: Shape = {
  ...{ name: 'prepare context', kind: 1 },
  says: (random) => ({
    ...{ 'code.function.name': 'prepareContext', 'code.file.path': '/srv/app/src/context.ts' },
    ...{ 'app.items': below(random, 40), 'app.cached': random() < 0.5, 'app.tenant': `tenant-${below(random, 200)}` },
  }),
};

/** Nine spans below the root: three of them are `chat`, of the fleet. */
const works = [database, chat, step];

/** One request: lines of one service, each within a trace. */
export function logs(seed: number): Template {
  const random = mulberry32(seed + 1000);
  const lines = Array.from({ length: linesOfARequest }, () => line(random));
  return new Template(
    linesOfARequest,
    (template) =>
      field(1, [
        resource(services[seed % services.length] as string, seed),
        field(2, [
          field(1, [field(1, 'scale')]),
          ...lines.map(({ text, severity, says }, i) =>
            field(2, [
              eight(1, template.time((linesOfARequest - i) / 4)),
              eight(11, template.time()),
              whole(2, severity),
              field(3, severity >= 17 ? 'ERROR' : severity >= 9 ? 'INFO' : 'DEBUG'),
              field(5, [field(1, text)]),
              attributes(6, says),
              field(9, template.id(16)),
              field(10, template.id(8)),
            ]),
          ),
        ]),
      ]),
    lines.reduce((sum, { text }) => sum + text.length, 0),
  );
}

/** Some 200 bytes, as programs write: the same words, other numbers. */
export function line(random: () => number): { text: string; severity: number; says: Attributes } {
  const [id, ms, share] = [below(random, 2 ** 32).toString(16), below(random, 3000), random()];
  const text = (texts[below(random, texts.length)] as string)
    .replace('<id>', id)
    .replace('<ms>', String(ms))
    .replace('<n>', String(below(random, 500)))
    .replace('<tenant>', `tenant-${below(random, 200)}`);
  return {
    ...{ text, severity: share < 0.05 ? 17 : share < 0.75 ? 9 : 5 },
    says: {
      'agent.name': `agent-${below(random, 12)}`,
      'http.route': '/api/tasks',
      'app.tenant': `tenant-${ms % 200}`,
    },
  };
}

const texts = [
  'request <id> of <tenant> answered 200 in <ms> ms: 14 of <n> tasks are open, the oldest waits since this morning, next look in 30 s at the latest',
  'task <id> planned for <tenant>: <n> steps, the first is "read the specification", the last "verify on the staging system", estimated at <ms> ms each',
  'cache miss for key tasks:<tenant>:<id>; read from the database in <ms> ms, kept for 300 s, <n> entries are in the cache, 3 were evicted to make room',
  'tool search returned <n> results for agent run <id> in <ms> ms; the first five are given to the model, the others are kept for the next question of <tenant>',
  'connection to upstream lost after <ms> ms (ECONNRESET); attempt <n> of request <id> for <tenant> follows in 250 ms, then with twice the pause up to 10 s',
];

export function below(random: () => number, most: number): number {
  return Math.floor(random() * most);
}
