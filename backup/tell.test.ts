import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { native } from '../place.ts';
import { tell } from './tell.ts';

let server: Server;
let answers: number[];
let bodies: { url: string; body: unknown }[];
beforeEach(async () => {
  answers = [];
  bodies = [];
  server = createServer(async (request, response) => {
    bodies.push({ url: request.url ?? '', body: JSON.parse(await text(request)) });
    response.writeHead(answers.shift() ?? 200).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => server.close());

const place = () =>
  native({ home: '/h', profile: 'laptop', portOf: () => (server.address() as { port: number }).port });
const runs = [
  { part: 'loki', outcome: 'success', at: 1_700_000_000_000 },
  { part: 'tempo', outcome: 'failure', at: 1_700_000_001_500 },
] as const;
const options = { name: 'fleetscope', pauseMs: 1 };

test('P05 when each part was backed up, or failed, is a gauge in seconds; the series are those of the stack, not of the run', async () => {
  await tell(place(), runs, options);
  await tell(place(), [], options);
  expect(bodies).toHaveLength(1);
  const [{ url, body } = { url: '', body: {} }] = bodies;
  expect(url).toBe('/v1/metrics');
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  expect(body).toMatchObject({
    resourceMetrics: [
      {
        resource: {
          attributes: [attribute('service.name', 'fleetscope-backup'), attribute('service.instance.id', 'fleetscope')],
        },
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'backup.last_run.timestamp',
                unit: 's',
                gauge: {
                  dataPoints: [
                    {
                      asDouble: 1_700_000_000,
                      attributes: [attribute('backup.part', 'loki'), attribute('outcome', 'success')],
                    },
                    {
                      asDouble: 1_700_000_001.5,
                      attributes: [attribute('backup.part', 'tempo'), attribute('outcome', 'failure')],
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  });
});

test('P05 a Collector that is away for a moment hears of it later; one that stays away is named', async () => {
  answers = [503, 503];
  await tell(place(), runs, options);
  expect(bodies).toHaveLength(3);
  answers = [503, 503, 503, 503];
  await expect(tell(place(), runs, options)).rejects.toThrow(
    /^Cannot tell when loki, tempo was backed up: .*503.*\. Look at the Collector/,
  );
  expect(answers).toEqual([]);
});
