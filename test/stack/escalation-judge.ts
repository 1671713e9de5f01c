/** Judges a storm by what came to the receivers, what the store says and what the audit trail tells. Pure. */
import type { Delivery, Incident, JournalEntry } from '../../alertmanager/escalation/incident/incident.ts';
import type { Severity } from '../../alertmanager/routes.ts';
import { fingerprintOf, type Group, groupLabel } from '../../bench/escalation-sender.ts';
import type { Asked } from './escalation-receivers.ts';

export interface Storm {
  /** What was sent to the service, firing and then resolved. `lasting`: not before its last step was due. */
  readonly groups: readonly (Group & { readonly lasting: boolean })[];
  /** Whom each step of a severity tells. */
  readonly steps: Readonly<Record<Severity, readonly (readonly string[])[]>>;
  readonly incidents: readonly Incident[];
  readonly trail: readonly JournalEntry[];
  readonly asked: readonly Asked[];
}

export interface Judgement {
  /** What is not as it was promised, one line each. */
  readonly faults: readonly string[];
  readonly deliveries: number;
  /** Tried for as long as the policy says, in vain. */
  readonly givenUp: number;
  /** Share of the deliveries that arrived, of those that were needed to the end; 0 to 1. */
  readonly success: number;
  /** Messages that were taken more than once, by key, beyond the first time. */
  readonly duplicates: number;
  /** Over before a message could be sent: nobody was told, and nobody had to be. */
  readonly overBeforeTold: number;
}

export function judge({ groups, steps, incidents, trail, asked }: Storm): Judgement {
  const byGroup = Map.groupBy(incidents, ({ alerts }) => Number(alerts[0]?.labels[groupLabel]));
  const history = Map.groupBy(trail, ({ incident }) => incident);
  const received = Map.groupBy(
    asked.filter(({ taken }) => taken),
    ({ incident }) => incident,
  );
  const faults: string[] = [];
  let overBeforeTold = 0;
  for (const group of groups) {
    const [incident, ...more] = byGroup.get(group.number) ?? [];
    const add = (what: string) => faults.push(`group ${group.number}: ${what}`);
    if (!incident) {
      add('no incident knows of it');
      continue;
    }
    if (more.length > 0) add(`it is ${more.length + 1} incidents`);
    const taken = received.get(incident.id) ?? [];
    const entries = history.get(incident.id) ?? [];
    for (const fault of [
      ...ofState(group, incident),
      ...ofSteps(steps[group.severity], group.lasting, incident, entries),
      ...ofMessages(group.lasting, incident, taken),
    ])
      add(fault);
    if (taken.length === 0) overBeforeTold++;
  }
  const known = new Set(incidents.map(({ id }) => id));
  for (const id of received.keys()) if (!known.has(id)) faults.push(`${id}: told, but not known`);
  return { faults, ...counted(incidents, trail), duplicates: duplicatesOf(asked), overBeforeTold };
}

function ofState(group: Group, { state, alerts, deliveries }: Incident): string[] {
  const expected = Array.from({ length: group.alerts }, (_, index) => fingerprintOf(group.number, index));
  const seen = new Set(alerts.map(({ fingerprint }) => fingerprint));
  return [
    ...(state === 'resolved' ? [] : [`it is ${state}`]),
    ...expected
      .filter((fingerprint) => !seen.has(fingerprint))
      .map((fingerprint) => `the alert ${fingerprint} is lost`),
    ...deliveries
      .filter(({ state }) => state === 'waiting' || state === 'sending')
      .map(({ key, state }) => `${key} is ${state}`),
  ];
}

/** Every step, one after the other, and each of them told or given up by all its channels. */
function ofSteps(
  steps: readonly (readonly string[])[],
  lasting: boolean,
  { deliveries }: Incident,
  entries: readonly JournalEntry[],
): string[] {
  const faults: string[] = [];
  const taken = entries.filter(({ what }) => what === 'step taken').map(({ data }) => data?.step as number);
  const inOrder = taken.every((step, index) => step === index);
  if (!inOrder) faults.push(`its steps were ${taken.join(', ')}`);
  if (lasting && taken.length < steps.length) faults.push(`it took ${taken.length} of ${steps.length} steps`);
  for (const [step, channels] of steps.slice(0, taken.length).entries()) {
    const alerts = deliveries.filter((each) => each.message === 'alert' && each.step === step);
    for (const channel of channels)
      if (!alerts.some((each) => each.channel === channel)) faults.push(`step ${step} has no message for ${channel}`);
    const reached = alerts.some(({ state }) => state === 'sent');
    const next = entries.find(({ what, data }) => what === 'step taken' && data?.step === step + 1);
    const last = lastFailure(entries, alerts);
    if (lasting && !reached && (!next || next.at > last + atOnceMs))
      faults.push(`step ${step} reached nobody, and the next did not come at once`);
  }
  return faults;
}

/** A decision in the same save has the same moment; a kill in between takes as long as a start. */
const atOnceMs = 15_000;

function lastFailure(entries: readonly JournalEntry[], alerts: readonly Delivery[]): number {
  const keys = new Set(alerts.map(({ key }) => key));
  return Math.max(
    0,
    ...entries.filter(({ what, data }) => what === 'not sent' && keys.has(data?.key as string)).map(({ at }) => at),
  );
}

/** What the service holds for sent was taken; whoever was told of it was told that it is over. */
function ofMessages(lasting: boolean, { deliveries }: Incident, taken: readonly Asked[]): string[] {
  const arrived = ({ channel, key, message }: Delivery) =>
    taken.some((each) => each.channel === channel && (each.key ? each.key === key : message === 'resolved'));
  const faults = deliveries
    .filter((each) => each.state === 'sent' && !arrived(each))
    .map(({ key, channel }) => `${key} is sent by ${channel}, which never took it`);
  if (lasting && taken.length === 0) faults.push('nobody was told');
  const kindOf = new Map(deliveries.map(({ key, message }) => [key, message]));
  const toldOf = (kind: Delivery['message']) =>
    new Set(taken.filter(({ key }) => (key ? kindOf.get(key) : 'resolved') === kind).map(({ channel }) => channel));
  const over = toldOf('resolved');
  for (const channel of toldOf('alert'))
    if (!over.has(channel)) faults.push(`${channel} was never told that it is over`);
  return faults;
}

function counted(incidents: readonly Incident[], trail: readonly JournalEntry[]) {
  const deliveries = incidents.flatMap((incident) => incident.deliveries);
  const sent = deliveries.filter(({ state }) => state === 'sent').length;
  const givenUp = trail.filter(({ what }) => what === 'not sent').length;
  return { deliveries: deliveries.length, givenUp, success: sent / Math.max(1, sent + givenUp) };
}

function duplicatesOf(asked: readonly Asked[]): number {
  const taken = asked.filter((each) => each.taken).map(({ channel, incident, key }) => `${channel} ${key ?? incident}`);
  return taken.length - new Set(taken).size;
}
