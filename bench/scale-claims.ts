/** What the sizes of k8s/ bear with the queues and the claims that they have. Pure: measured costs and a size. */
import type { Size } from '../k8s/size.ts';
import { kubernetes } from '../place.ts';
import { diskPercent, keptDays } from '../prometheus/prometheus.ts';
import { disks } from '../stack.ts';
import { keptBytes, type PlanInput } from './scale-plan.ts';
import type { PerUnit, ScaleUnits } from './scale-units.ts';

/** Minutes that a store may be away before its queues are full, on as few Collectors as there are, each with its share. Infinity: nothing comes. */
export function bridgedMinutes(size: Size, input: PlanInput, units: ScaleUnits): PerUnit<number> {
  const queued = size.replicas.collector * disks[size.profile].queue * 2 ** 20;
  const { samples, logs, spans } = arriving(input, units);
  return { samples: queued / samples / 60, logs: queued / logs / 60, spans: queued / spans / 60 };
}

/** MiB that each queue of the size's Collectors must have, for the outage of the input. */
export function bridgingMib(size: Size, input: PlanInput, units: ScaleUnits): number {
  const most = Math.max(...Object.values(arriving(input, units)));
  return (most * input.outageHours * 3600) / size.replicas.collector / 2 ** 20;
}

/** Samples a second of which the claim of Prometheus holds every day that it is to keep. */
export function lastingSamples(size: Size, units: ScaleUnits): number {
  return bytesForMetrics(size) / keptBytes(units, keptDays(kubernetes(size)));
}

/** Days that it holds of so many samples a second: all it is to keep, or fewer. */
export function daysThatLast(size: Size, samplesPerSecond: number, units: ScaleUnits): number {
  const ahead = keptBytes(units, 0);
  const days = (bytesForMetrics(size) / samplesPerSecond - ahead) / (keptBytes(units, 1) - ahead);
  return Math.min(keptDays(kubernetes(size)), days);
}

/** Bytes a second on the wire, and so in a queue. */
function arriving(input: PlanInput, { bytesIn }: ScaleUnits): PerUnit<number> {
  return {
    samples: input.samplesPerSecond * bytesIn.samples,
    logs: (input.logBytesPerSecond / input.lineBytes) * bytesIn.logs,
    spans: input.spansPerSecond * bytesIn.spans,
  };
}

function bytesForMetrics({ storage }: Size): number {
  return (Number.parseFloat(storage.prometheus ?? '0') * 2 ** 30 * diskPercent) / 100;
}
