import { expect, test } from 'vitest';
import { Faults } from '../model-server/faults.ts';
import { Random } from '../model-server/random.ts';
import {
  type FaultKind,
  faultKinds,
  faultsAt,
  isFleetFault,
  isTrafficFault,
  modelFaults,
  orders,
  parseFault,
} from './faults.ts';
import { demoModels } from './models.ts';

test.each([
  ['error-spike', { kind: 'error-spike', fromSeconds: 0, toSeconds: Number.POSITIVE_INFINITY }],
  ['slow-model@60', { kind: 'slow-model', fromSeconds: 60, toSeconds: Number.POSITIVE_INFINITY }],
  ['silent-agent@60..120', { kind: 'silent-agent', fromSeconds: 60, toSeconds: 120 }],
])('the fault %s is read', (text, expected) => {
  expect(parseFault(text)).toEqual(expected);
});

test.each(['errors', 'error-spike@', 'error-spike@9..3', 'error-spike@3..3', 'error-spike @3', ''])(
  'the fault "%s" is refused with those there are',
  (text) => {
    expect(() => parseFault(text)).toThrow(/^Cannot use the fault ".*": give one of error-spike, .*unknown-model/);
  },
);

test('a fault is on from its first second to before its last, and once however often it was given', () => {
  const windows = ['cost-spike@10..20', 'cost-spike@15..30', 'silent-agent@12..14'].map(parseFault);
  expect([9, 10, 13, 14, 29.9, 30].map((second) => faultsAt(windows, second))).toEqual([
    [],
    ['cost-spike'],
    ['cost-spike', 'silent-agent'],
    ['cost-spike'],
    ['cost-spike'],
    [],
  ]);
});

test('every fault is of one kind: the models’, the fleet’s, or of those who ask it', () => {
  const kinds = faultKinds.map((kind) => [isFleetFault(kind), isTrafficFault(kind), kind in modelFaults]);
  expect(kinds.map((of) => of.filter(Boolean).length)).toEqual(faultKinds.map(() => 1));
});

/** What the model server makes of the orders, for one model. */
function troubleOf(on: FaultKind[], model: string) {
  const faults = new Faults();
  for (const order of orders(on)) faults.set(order);
  const found = demoModels.find(({ id }) => id === model);
  if (!found) throw new Error(`no model ${model}`);
  const troubles = Array.from({ length: 400 }, (_, call) => faults.troubleOf(found, new Random(1, call)));
  const failed = troubles.filter(({ status }) => status !== undefined).length / troubles.length;
  return { failed, slowness: troubles[0]?.slowness, costFactor: troubles[0]?.costFactor };
}

test('a few calls fail every day, more than half in a spike; the house’s own models never', () => {
  const usual = troubleOf([], 'gpt-4o-mini');
  expect(usual).toMatchObject({ slowness: 1, costFactor: 1 });
  expect(usual.failed).toBeGreaterThan(0);
  expect(usual.failed).toBeLessThan(0.05);
  expect(troubleOf(['error-spike'], 'gpt-4o-mini').failed).toBeGreaterThan(0.5);
  expect(troubleOf(['error-spike'], 'house-preview').failed).toBe(0);
  expect(troubleOf(['slow-model', 'cost-spike'], 'gpt-4o-mini')).toMatchObject({ slowness: 8, costFactor: 10 });
});
