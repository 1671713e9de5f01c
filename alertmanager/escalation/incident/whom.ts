/** Whom a step tells: channels, and people by their own contacts. */

import type { Instant } from '../clock.ts';
import { onCall } from '../policy/on-call.ts';
import { human, type Policy, type Step } from '../policy/policy.ts';
import type { Delivery, Incident } from './incident.ts';

/** One receiver. */
export type Target = Pick<Delivery, 'channel' | 'person'>;

export function whom(policy: Policy, { team }: Pick<Incident, 'team'>, step: Step, now: Instant): Target[] {
  const person = onCall(policy, team, step.level, now);
  const targets = step.tell.flatMap((name): Target[] => {
    if (name === human) return contactsOf(policy, person);
    const channel = policy.teams[team]?.channels?.[name] ?? name;
    return [isEmail(policy, channel) && hasEmail(policy, person) ? { channel, person } : { channel }];
  });
  return targets.filter((target, index) => targets.findIndex((other) => isSame(other, target)) === index);
}

/** How a person is reached: every contact, and the mailbox. Without a person it is the mailbox that the channel names itself. */
export function contactsOf(policy: Policy, person: string | undefined): Target[] {
  const contacts = Object.keys(policy.people[person ?? '']?.contacts ?? {}).map((channel) => ({ channel }));
  const mailbox = Object.keys(policy.channels).find((channel) => isEmail(policy, channel));
  if (person === undefined) return mailbox ? [{ channel: mailbox }] : [];
  const byMail = mailbox && hasEmail(policy, person) && !contacts.some(({ channel }) => isEmail(policy, channel));
  return [...contacts, ...(byMail || (mailbox && contacts.length === 0) ? [{ channel: mailbox }] : [])].map(
    (target) => ({
      ...target,
      person,
    }),
  );
}

export function isSame(a: Target, b: Target): boolean {
  return a.channel === b.channel && a.person === b.person;
}

function isEmail(policy: Policy, channel: string): boolean {
  return policy.channels[channel]?.kind === 'email';
}

function hasEmail(policy: Policy, person: string | undefined): person is string {
  return person !== undefined && policy.people[person]?.email !== undefined;
}
