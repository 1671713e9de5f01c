import { messagesTaken } from './alert.ts';
import { CanarySender } from './canary.ts';
import { type Doors, doorHops, otlpAuthority } from './doors.ts';
import { type Finding, find } from './find.ts';
import { type Freshness, freshness } from './freshness.ts';
import { alertHop, backendHop, collectorHop, escalationHop, type Hop, queueHop, sdkHop } from './hops.ts';
import { readPipeline } from './pipeline.ts';
import type { Targets } from './targets.ts';

export interface Report {
  ok: boolean;
  hops: Hop[];
  freshness: Freshness[];
  /** What could not be looked at. */
  unseen?: readonly string[];
}

export interface DoctorOptions {
  /** How long a canary may take to be findable. */
  timeoutMs: number;
  /** How many canaries; the first is reported hop by hop, all of them as freshness. */
  canaries: number;
  /** Asked as well, where the stack is reached from outside. */
  doors?: Doors | undefined;
  onHop?: (hop: Hop) => void;
}

/** Sends marked telemetry and a test alert through the real path, and looks for it at every hop. @throws RangeError (doors.ts) */
export async function examine(targets: Targets, options: DoctorOptions): Promise<Report> {
  const authority = options.doors && otlpAuthority(process.env);
  const hops: Hop[] = [];
  const add = (hop: Hop): Hop => {
    hops.push(hop);
    options.onHop?.(hop);
    return hop;
  };
  const sender = new CanarySender(targets.otlp, Math.min(options.timeoutMs, 5_000));
  try {
    const before = await readPipeline(targets).catch(() => undefined); // Its own hop reports why.
    const sent = await sdkHop(sender, targets);
    add(sent.hop);
    add(await collectorHop(targets));
    if (sent.canary) {
      const canary = sent.canary;
      const found = await Promise.all(
        (Object.keys(find) as Finding[]).map((finding) => backendHop(finding, targets, canary, before, options)),
      );
      add(await queueHop(targets, before));
      for (const hop of found) add(hop);
    }
    const taken = await messagesTaken(targets).catch(() => undefined); // The hop of Alertmanager reports why.
    let escalation: Hop | undefined;
    const look = async () => {
      escalation = await escalationHop(targets, taken, options.timeoutMs);
    };
    add(await alertHop(targets, options.timeoutMs, look));
    if (!escalation && taken !== undefined) await look();
    if (escalation) add(escalation);
    if (options.doors) for (const hop of await doorHops(options.doors, authority)) add(hop);
    const measured =
      sent.canary && hops.every((hop) => hop.ok) && options.canaries > 1
        ? await freshness(sender, targets, options)
        : [];
    return { ok: hops.every((hop) => hop.ok) && measured.every((one) => one.lost === 0), hops, freshness: measured };
  } finally {
    await sender.close();
  }
}

/** As somebody sees it who has no way in: what is sent is acknowledged, and each door is open and closed as it should be. */
export async function examineOutside(doors: Doors, { timeoutMs, canaries, onHop }: DoctorOptions): Promise<Report> {
  const authority = otlpAuthority(process.env);
  const sender = new CanarySender(doors.otlp, Math.min(timeoutMs, 5_000));
  try {
    const hops = [(await sdkHop(sender, doors)).hop, ...(await doorHops(doors, authority))];
    for (const hop of hops) onHop?.(hop);
    return {
      ok: hops.every((hop) => hop.ok),
      hops,
      freshness: [],
      unseen: canaries > 1 ? [...unseen, 'freshness'] : unseen,
    };
  } finally {
    await sender.close();
  }
}

const unseen = ['Collector', 'Queue', ...Object.keys(find), 'Alertmanager', 'Escalation'];
