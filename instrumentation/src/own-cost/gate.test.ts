import { expect, test } from 'vitest';
import { Gate, isBridge, isEssential } from './gate.ts';

const seen = (gate: Gate) => ({
  essential: gate.admitsSpans(true),
  others: gate.admitsSpans(false),
  bridged: gate.admitsLogs(true),
  own: gate.admitsLogs(false),
});

test('B12 at the level it was started with everything passes; below, what is worth its cost longest', () => {
  const gate = new Gate('full');
  expect(seen(gate)).toEqual({ essential: true, others: true, bridged: true, own: true });
  gate.level = 'spans';
  expect(seen(gate)).toEqual({ essential: true, others: false, bridged: false, own: true });
  gate.level = 'metrics';
  expect(seen(gate)).toEqual({ essential: false, others: false, bridged: false, own: true });
  gate.level = 'full';
  expect(seen(gate)).toEqual({ essential: true, others: true, bridged: true, own: true });
});

test('B12 the preset spans lets through what was asked for by name; the preset metrics no spans unless they are asked for', () => {
  expect(seen(new Gate('spans'))).toEqual({ essential: true, others: true, bridged: true, own: true });
  expect(seen(new Gate('metrics', false))).toMatchObject({ essential: false, others: false });
  expect(seen(new Gate('metrics', true))).toMatchObject({ essential: true });
});

test('B12 whoever follows the level is told of each change', () => {
  const gate = new Gate('full');
  const told: string[] = [];
  gate.follow((level) => told.push(level));
  gate.level = 'spans';
  gate.level = 'full';
  expect(told).toEqual(['spans', 'full']);
});

test('B12 scopes: HTTP, the fleet and the host itself are essential; bridges are what copies the lines of a log library', () => {
  const instrumentation = (name: string) => `@opentelemetry/instrumentation-${name}`;
  const essential = [instrumentation('http'), instrumentation('undici'), '@fleetscope/instrumentation', 'shop', ''];
  expect(essential.map(isEssential)).toEqual(essential.map(() => true));
  expect(['express', 'pg', 'http2'].map(instrumentation).map(isEssential)).toEqual([false, false, false]);
  const bridges = [instrumentation('pino'), '@opentelemetry/winston-transport', '@fleetscope/instrumentation/console'];
  expect(bridges.map(isBridge)).toEqual([true, true, true]);
  expect(['@fleetscope/instrumentation', 'shop'].map(isBridge)).toEqual([false, false]);
});
