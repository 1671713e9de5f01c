import type { Message } from '../channels/channel.ts';
import type { Delivery, Incident } from '../incident/incident.ts';
import type { Policy } from '../policy/policy.ts';

/** What a delivery says, from the document as it is now: an attempt an hour later tells how it stands an hour later. */
export function messageOf(
  policy: Pick<Policy, 'people'>,
  incident: Incident,
  delivery: Delivery,
  links: Message['links'],
): Message {
  const person = delivery.person === undefined ? undefined : policy.people[delivery.person];
  const reference = firstReference(incident, delivery);
  return {
    key: delivery.key,
    kind: delivery.message,
    incident,
    links,
    ...(person && { person }),
    ...(reference !== undefined && { reference }),
  };
}

/** Of the first message to the same receiver since the incident opened, or opened again. */
function firstReference({ deliveries, reopenedAt, openedAt }: Incident, { channel, person, key }: Delivery) {
  const since = reopenedAt.at(-1) ?? openedAt;
  const earlier = deliveries.filter(
    (each) => each.channel === channel && each.person === person && each.key !== key && each.reference !== undefined,
  );
  return (earlier.find(({ createdAt }) => createdAt >= since) ?? earlier[0])?.reference;
}
