import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tellDrift } from './tell-drift.ts';

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

const options = () => ({
  ...{ collector: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, now: 1_771_200_000_000, pauseMs: 1 },
});

test('B05 the drift of each provider is a gauge; the series are those of reconciling, not of the run', async () => {
  await tellDrift([{ provider: 'anthropic', ratio: 0.0125 }], options());
  await tellDrift([], options());
  expect(bodies).toMatchObject([
    {
      url: '/v1/metrics',
      body: {
        resourceMetrics: [
          {
            resource: { attributes: [{ key: 'service.name' }, { key: 'service.instance.id' }] },
            scopeMetrics: [
              {
                metrics: [
                  {
                    ...{ name: 'cost.drift', unit: '1' },
                    gauge: {
                      dataPoints: [
                        {
                          ...{ timeUnixNano: '1771200000000000000', asDouble: 0.0125 },
                          attributes: [{ key: 'gen_ai.provider.name', value: { stringValue: 'anthropic' } }],
                        },
                      ],
                    },
                  },
                ],
              },
            ],
          },
        ],
      },
    },
  ]);
});

test('B05 a Collector that is busy is asked again; one that stays so is named, with what follows', async () => {
  answers = [503, 503, 200];
  await tellDrift([{ provider: 'openai', ratio: 0 }], options());
  expect(bodies).toHaveLength(3);
  answers = [503, 503];
  await expect(tellDrift([{ provider: 'openai', ratio: 0 }], { ...options(), tries: 2 })).rejects.toThrow(
    /^Cannot tell the drift of openai: http:\/\/127\.0\.0\.1:\d+ answered 503\. Look at the Collector, then reconcile again/,
  );
  const nobody = { ...options(), collector: 'http://127.0.0.1:1', tries: 1 };
  await expect(tellDrift([{ provider: 'openai', ratio: 0 }], nobody)).rejects.toThrow('does not answer');
});
