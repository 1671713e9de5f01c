import type { Meter, MeterProvider } from '@opentelemetry/api';
import { guardCalls } from '../call-guard.ts';
import type { CostClock } from './cost-clock.ts';

type Recording = 'add' | 'record';
type Instrument = Partial<Record<Recording, (...args: unknown[]) => void>>;

const creators = {
  createCounter: 'add',
  createUpDownCounter: 'add',
  createHistogram: 'record',
  createGauge: 'record',
} as const;

/** The meter provider that the program sees: what its measurements cost is on the clock. */
export function watchMetrics<Provider extends MeterProvider & { forceFlush(): Promise<void> }>(
  provider: Provider,
  clock: CostClock,
): MeterProvider & Pick<Provider, 'forceFlush'> {
  const watched = new WeakSet<Meter>();
  return {
    getMeter(name, version, options) {
      const meter = provider.getMeter(name, version, options);
      if (watched.has(meter)) return meter;
      watched.add(meter);
      for (const [create, recording] of Object.entries(creators) as [keyof typeof creators, Recording][]) {
        const original = meter[create].bind(meter) as (...args: unknown[]) => Instrument;
        Object.assign(meter, { [create]: (...args: unknown[]) => watch(original(...args), recording, clock) });
      }
      return meter;
    },
    forceFlush: () => provider.forceFlush(),
  };
}

function watch(instrument: Instrument, recording: Recording, clock: CostClock): Instrument {
  const original = instrument[recording]?.bind(instrument);
  if (!original) return instrument;
  instrument[recording] = (...args) => {
    if (clock.count('measurement')) clock.time('measurement', () => original(...args));
    else original(...args);
  };
  guardCalls(instrument, [recording]);
  return instrument;
}
