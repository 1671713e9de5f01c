/** The API as JavaScript may call it, and with an SDK that is broken in every part: nothing of it reaches the host. */
import {
  type ContextManager,
  context,
  diag,
  logs,
  metrics,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { afterEach, expect, test } from 'vitest';
import * as fleet from '../fleet.ts';
import { createTestKit, type TestKit } from '../testing-kit.ts';

const apis = [trace, metrics, logs, context, propagation, diag];
afterEach(() => {
  for (const part of apis) part.disable();
});

const broken = new Error('broken');

/** Throws whatever is asked of it. */
const angry = new Proxy(() => {}, {
  get(_, name) {
    if (name === 'then' || typeof name === 'symbol') return undefined;
    if (name === 'disable') return () => {};
    return () => {
      throw broken;
    };
  },
}) as never;

/** A context manager that breaks when all is done. */
const late: ContextManager = {
  active: () => ROOT_CONTEXT,
  with(_, fn, self, ...values) {
    fn.apply(self as never, values);
    throw broken;
  },
  bind: (_, target) => target,
  enable: () => late,
  disable: () => late,
};

const worlds: [world: string, setUp: () => TestKit | undefined][] = [
  ['without an SDK', () => {}],
  ['with an SDK', () => createTestKit()],
  [
    'with providers that throw',
    () => {
      trace.setGlobalTracerProvider(angry);
      metrics.setGlobalMeterProvider(angry);
      logs.setGlobalLoggerProvider(angry);
      context.setGlobalContextManager(angry);
      propagation.setGlobalPropagator(angry);
      diag.setLogger(angry);
    },
  ],
  [
    'with contexts that break when all is done',
    () => {
      context.setGlobalContextManager(late);
    },
  ],
  [
    'with a tracer, a meter and a logger that throw',
    () => {
      trace.setGlobalTracerProvider({ getTracer: () => angry });
      metrics.setGlobalMeterProvider({ getMeter: () => angry });
      logs.setGlobalLoggerProvider({ getLogger: () => angry });
    },
  ],
  [
    'with spans and instruments that throw',
    () => {
      createTestKit();
      trace.disable();
      metrics.disable();
      trace.setGlobalTracerProvider({
        getTracer: () => ({ startSpan: () => angry, startActiveSpan: angry }),
      });
      const meter = new Proxy({}, { get: () => () => angry });
      metrics.setGlobalMeterProvider({ getMeter: () => meter as never });
      diag.setLogger(angry);
    },
  ],
];

class Document {
  get name(): string {
    throw new Error('not loaded');
  }
}

const cyclic: Record<string, unknown> = { name: 'cycle' };
cyclic.self = cyclic;
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

/** What a JavaScript user may pass for anything. */
const values: unknown[] = [
  undefined,
  null,
  0,
  Number.NaN,
  -1n,
  '',
  '\ud800',
  Symbol('s'),
  [],
  () => {},
  cyclic,
  revoked,
  new Document(),
  Object.create(null),
  { toString: () => Symbol('no text'), valueOf: () => 1n, parts: [cyclic] },
  new Proxy({}, { get: () => angry }),
  new Proxy(
    {},
    {
      get() {
        throw new Error('no');
      },
    },
  ),
];

/** One as a whole, and as each of the options there are. */
const options = [...values, ...values.map(all)] as never[];

function all(value: unknown): object {
  const names = `name action id version retries trigger type agent callId api alternatives to severity operation issue
    kind subject role language framework runtime timeoutMs layer pattern complexity userClass enterpriseId targetMs userId
    agents system database skill allowed reason denial permission granted detail everyMs maxWaiting from headers payload
    decision by provider model fallback stream requestedAt workflow escalated component command error recoveryAction
    impact sessionId limit remaining`;
  return Object.freeze(Object.fromEntries(names.split(/\s+/).map((name) => [name, value])));
}

type Fn = (handle?: unknown) => unknown;
const calls: [name: string, call: (option: never, fn: Fn) => unknown][] = [
  ['workflow', fleet.workflow],
  ['agent', fleet.agent],
  ['task', fleet.task],
  ['decision', fleet.decision],
  ['tool', fleet.tool],
  ['command', fleet.command],
  ['delegate', fleet.delegate],
  ['qualityGate', fleet.qualityGate],
  ['github', fleet.github],
  ['session', fleet.session],
  ['memoryAccess', fleet.memoryAccess],
  ['code', fleet.code],
  ['execution', fleet.execution],
  ['llmCall', fleet.llmCall],
  ['operation', (option, fn) => fleet.operation(option, fn)],
  ['database', fleet.database],
  ['handle', fleet.handle],
];

/** Calls everything that a call hands to its function with `value`; what comes back where something must. */
function misuse(handle: unknown, value: unknown): unknown[] {
  return Object.entries(handle ?? {}).flatMap(([name, method]) => {
    if (typeof method !== 'function') return [];
    if (['authenticate', 'parse', 'respond'].includes(name)) return [method(() => value)];
    const result = method(value, value);
    return name === 'choose' ? [result] : [];
  });
}

test.each(worlds)('S03 %s a call runs its function once and unchanged, whatever its options', async (_, setUp) => {
  setUp();
  const wrong: string[] = [];
  for (const [name, call] of calls) {
    for (const [at, option] of options.entries()) {
      const value = values[at % values.length];
      let runs = 0;
      const seen: unknown[] = [];
      seen.push(
        call(option, (handle) => {
          runs += 1;
          if (name !== 'handle') seen.push(...misuse(handle, value));
          return value;
        }),
      );
      try {
        call(option, () => {
          runs += 1;
          throw value;
        });
      } catch (error) {
        seen.push(error);
      }
      if (runs !== 2 || seen.length < 2 || !seen.every((found) => Object.is(found, value))) wrong.push(`${name} ${at}`);
    }
    const error = new Error('boom');
    expect(await call({} as never, async () => cyclic)).toBe(cyclic);
    await expect(call({} as never, () => Promise.reject(error))).rejects.toBe(error);
    const items: unknown[] = [];
    const stream = call({} as never, async function* () {
      for (const value of values) yield { value };
    });
    for await (const { value } of stream as AsyncIterable<{ value: unknown }>) items.push(value);
    expect(items.every((item, at) => Object.is(item, values[at]))).toBe(true);
  }
  expect(wrong).toEqual([]);
});

test.each(worlds)('S09 %s what only records takes anything, and does not throw', async (_, setUp) => {
  const kit = setUp();
  const { log, heartbeat, queue } = fleet;
  const watches: { stop(): void }[] = [];
  for (const value of options) {
    for (const write of Object.values(log)) write(value, value);
    fleet.health(value, value);
    fleet.moduleLoaded(value, value);
    fleet.authentication(value);
    fleet.recordTestCoverage(value, value);
    fleet.recordResponseTime(value, value);
    fleet.skillAccess(value);
    fleet.auditViolation(value);
    const permission = fleet.escalatePermission(value);
    permission.release();
    permission.release();
    const beating = heartbeat(value, value);
    beating.beat();
    beating.stop();
    beating.retire();
    const waiting = queue(value, () => value);
    waiting.taken(value);
    watches.push(
      waiting,
      fleet.observePool(value, () => value),
      fleet.observeMemory(value, () => value),
    );
    watches.push(fleet.observeUtilization(value, angry));
    fleet.inject(value, value);
    fleet.extract(value, value);
    const ticket = fleet.requestApproval(value);
    fleet.resumeApprovals([value, ticket]);
    fleet.resumeApprovals(value);
    for (const asked of [value, ticket, { ...ticket, headers: value }]) {
      fleet.escalateApproval(asked, value);
      fleet.decideApproval(asked, value);
    }
    const verdict: never = { of: value } as never;
    expect(await fleet.approval(value, async () => verdict)).toBe(verdict);
    await expect(fleet.approval(value, () => Promise.reject(value))).rejects.toBe(value);
    const bus = new fleet.MessageBus(value);
    const answer = bus.send<{ payload: unknown }>(value, value, {});
    bus.receive(value, ({ payload }) => ({ payload }), value);
    expect((await answer).payload).toBe(value);
    bus.close();
  }
  await kit?.metrics();
  for (const watch of watches) watch.stop();
  await kit?.metrics();
});

test.each(worlds)('X04 %s a fleet is steered all the same, whatever it is told', async (_, setUp) => {
  setUp();
  for (const option of options) {
    const control = fleet.fleetControl(option);
    for (const tell of [control.pause, control.resume, control.order, control.isOpen, control.fallbackFor])
      tell(option);
    for (const tell of [control.capacity, control.throttle]) tell(option, option);
    for (const tell of [control.circuitBreaker, control.fallback]) tell(option, option, option);
    for (const one of control.orders()) control.order({ ...one, state: 'closed', module: null, limit: null } as never);
    control.throttle(null);
    control.resume();
    await control.ready();
    control.pause();
    expect(control.paused).toBe(true);
    expect(control.atOnce).toBe(Number.POSITIVE_INFINITY);
    control.close();
    await control.ready();
  }
});
