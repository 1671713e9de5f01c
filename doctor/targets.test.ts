import { expect, test } from 'vitest';
import { native, portsFrom } from '../place.ts';
import { remoteTargets } from './targets.ts';

const place = native({ home: '/h', profile: 'laptop', portOf: portsFrom({}) });

test('B09 a remote stack is looked for on the host of its endpoint, part by part movable', () => {
  const targets = remoteTargets('https://otel.example:4317', place, {
    FLEETSCOPE_TEMPO_URL: 'https://traces.example/',
  });
  expect(targets).toMatchObject({
    otlp: 'https://otel.example:4317',
    tempo: 'https://traces.example',
    loki: 'https://otel.example:3100',
  });
});

test.each(['otel.example:4317', 'ftp://otel.example', 'http://'])(
  'B09 --endpoint %s is refused with an example',
  (endpoint) => {
    expect(() => remoteTargets(endpoint, place, {})).toThrow(`Cannot use --endpoint "${endpoint}"`);
  },
);
