import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../doctor/ask.ts';
import { type Canary, CanarySender } from '../../doctor/canary.ts';
import { examine } from '../../doctor/doctor.ts';
import { type Finding, find } from '../../doctor/find.ts';
import { hopLine } from '../../doctor/print.ts';
import { type Targets, targetsOf } from '../../doctor/targets.ts';
import { type Component, defaultProfile, profiles, stack } from '../../stack.ts';
import { recipes } from './recipes.ts';
import { helpers, type Setup, setup } from './setup.ts';

const wayBack: (() => Promise<void>)[] = [];
let tried: Setup;
let targets: Targets;
let sender: CanarySender;

beforeAll(async () => {
  tried = await setup((step) => wayBack.push(step));
  targets = targetsOf(tried.place);
  sender = new CanarySender(targets.otlp, 5_000);
  wayBack.push(() => sender.close());
  await tried.project.up();
});

afterAll(async () => {
  const failures: unknown[] = [];
  for (const step of wayBack.reverse()) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, `Cannot clean up: ${failures.join('; ')}`);
});

test('P01 docker compose config accepts compose.yml, and refuses it with a port that is none', async () => {
  expect(await tried.project.compose('config', '--quiet')).toBe('');
});
