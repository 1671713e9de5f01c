import { describe, expect, test } from 'vitest';
import { anIncident } from '../../alertmanager/escalation/channels/testing/messages.ts';
import type { Delivery, Incident } from '../../alertmanager/escalation/incident/incident.ts';
import { fingerprintOf, groupLabel } from '../../bench/escalation-sender.ts';
import { judge, type Storm } from './escalation-judge.ts';

const id = '20261126-093015-k7qx';
const policy = [['slack', 'discord'], ['pagerduty']];
const steps = { critical: policy, high: policy, warning: policy, info: policy };

/** Two alerts in a group, told to three channels in two steps, over everywhere. */
function storm(): Storm & { incidents: Incident[] } {
  const told = [
    ['slack', 'alert', 0],
    ['discord', 'alert', 0],
    ['pagerduty', 'alert', 1],
    ['slack', 'resolved', 0],
    ['discord', 'resolved', 0],
    ['pagerduty', 'resolved', 1],
  ] as const;
  const deliveries = told.map(([channel, message, step], index): Delivery => {
    const key = `${id}/${index + 1}`;
    return { key, message, step, channel, state: 'sent', attempts: 1, createdAt: 0, attemptAt: 0 };
  });
  const alerts = [0, 1].map((index) => ({
    ...{ fingerprint: fingerprintOf(7, index), status: 'resolved' as const, labels: { [groupLabel]: '7' } },
    ...{ annotations: {}, startsAt: 0, lastSeenAt: 0, times: 2 },
  }));
  return {
    groups: [{ number: 7, severity: 'critical', alerts: 2, lasting: true }],
    steps,
    incidents: [anIncident({ id, state: 'resolved', alerts, deliveries })],
    trail: [0, 1].map((step) => ({
      ...{ id: `${id}/1/${step}`, incident: id, at: step * 4000, who: 'policy', what: 'step taken', data: { step } },
    })),
    asked: deliveries.map(({ channel, key, message }) => ({
      ...{ channel, incident: id, taken: true, at: 0 },
      key: channel === 'pagerduty' && message === 'resolved' ? undefined : key,
    })),
  };
}

function withDelivery(change: (delivery: Delivery) => Partial<Delivery> | undefined): Storm {
  const given = storm();
  const [incident] = given.incidents as [Incident];
  const deliveries = incident.deliveries.flatMap((each) => {
    const changes = change(each);
    return changes ? [{ ...each, ...changes }] : [];
  });
  return { ...given, incidents: [{ ...incident, deliveries }] };
}

describe('X05 the judge of a storm', () => {
  test('finds nothing where all is as it should be, and counts what came twice', () => {
    const given = storm();
    expect(judge(given)).toEqual({
      ...{ faults: [], deliveries: 6, givenUp: 0, success: 1, duplicates: 0, overBeforeTold: 0 },
    });
    expect(judge({ ...given, asked: [...given.asked, ...given.asked.slice(0, 2)] }).duplicates).toBe(2);
  });

  test('a request that failed is no delivery: who was told by it alone was not told', () => {
    const given = storm();
    const asked = given.asked.map((each) => ({ ...each, taken: each.channel !== 'slack' }));
    expect(judge({ ...given, asked }).faults).toEqual([
      `group 7: ${id}/1 is sent by slack, which never took it`,
      `group 7: ${id}/4 is sent by slack, which never took it`,
    ]);
    expect(judge({ ...given, asked: [] }).faults).toContain('group 7: nobody was told');
  });

  test.each<[string, (given: Storm & { incidents: Incident[] }) => Storm, string]>([
    ['a lost group', (given) => ({ ...given, incidents: [] }), 'no incident knows of it'],
    ['a group twice', (given) => ({ ...given, incidents: [...given.incidents, ...given.incidents] }), '2 incidents'],
    [
      'an incident that is not over',
      (given) => ({ ...given, incidents: given.incidents.map((one) => ({ ...one, state: 'open' })) }),
      'it is open',
    ],
    [
      'a lost alert',
      (given) => ({ ...given, incidents: given.incidents.map((one) => ({ ...one, alerts: one.alerts.slice(0, 1) })) }),
      `the alert ${fingerprintOf(7, 1)} is lost`,
    ],
    ['a missing step', (given) => ({ ...given, trail: given.trail.slice(0, 1) }), 'it took 1 of 2 steps'],
    ['a skipped step', (given) => ({ ...given, trail: given.trail.slice(1) }), 'its steps were 1'],
    [
      'a step twice',
      (given) => ({ ...given, trail: [...given.trail, ...given.trail.slice(1)] }),
      'its steps were 0, 1, 1',
    ],
    [
      'a message for an unknown incident',
      (given) => ({ ...given, asked: given.asked.map((each) => ({ ...each, incident: '20261126-000000-zzzz' })) }),
      '20261126-000000-zzzz: told, but not known',
    ],
    [
      'a receiver that rings on',
      (given) => ({ ...given, asked: given.asked.slice(0, -1) }),
      'pagerduty was never told that it is over',
    ],
  ])('finds %s', (_, spoilt, fault) => {
    expect(judge(spoilt(storm())).faults).toContainEqual(expect.stringContaining(fault));
  });

  test('finds a message that still waits, and a channel that a step forgot', () => {
    const waiting = withDelivery(({ channel }) => (channel === 'discord' ? { state: 'waiting' } : {}));
    expect(judge(waiting).faults).toContain(`group 7: ${id}/2 is waiting`);
    const forgotten = withDelivery((each) => (each.channel === 'discord' ? undefined : {}));
    expect(judge(forgotten).faults).toContain('group 7: step 0 has no message for discord');
  });

  test('a step that was given up counts when the next came at once, and only then', () => {
    const failed = withDelivery(({ step, message }) =>
      step === 0 ? (message === 'alert' ? { state: 'failed' } : undefined) : {},
    );
    const asked = failed.asked.filter(({ channel }) => channel === 'pagerduty');
    const gaveUp = (key: string, at: number) => ({
      ...{ id: key, incident: id, at, who: 'slack', what: 'not sent', data: { key } },
    });
    const trail = [...failed.trail, gaveUp(`${id}/1`, 2000), gaveUp(`${id}/2`, 4000)];
    expect(judge({ ...failed, asked, trail })).toMatchObject({ faults: [], givenUp: 2, success: 0.5 });
    const late = trail.map((each) => (each.id === `${id}/1/1` ? { ...each, at: 3_600_000 } : each));
    expect(judge({ ...failed, asked, trail: late }).faults).toEqual([
      'group 7: step 0 reached nobody, and the next did not come at once',
    ]);
  });

  test('what was over before anybody could be told needs no message; what lasted does', () => {
    const given = storm();
    const [incident] = given.incidents as [Incident];
    const [group] = given.groups;
    const untold = { ...given, asked: [], incidents: [{ ...incident, deliveries: [] }], trail: [] };
    const brief = [{ ...(group as (typeof given.groups)[number]), lasting: false }];
    expect(judge({ ...untold, groups: brief })).toMatchObject({ faults: [], overBeforeTold: 1 });
    expect(judge(untold).faults).toContain('group 7: nobody was told');
  });
});
