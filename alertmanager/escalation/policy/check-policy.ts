/** What a policy's file can have wrong although each part of it is right: names that lead nowhere, steps out of order. */
import { teams } from '../../routes.ts';
import { human, lastResort } from './policy.ts';
import type { PolicyOutput } from './policy-file.ts';
import { isWorse } from './severity.ts';

export interface Finding {
  readonly path: readonly (string | number)[];
  /** Says what is wrong with what stands there, and what to do. */
  readonly message: string;
}

export function checkPolicy(policy: PolicyOutput): Finding[] {
  return [...channels(policy), ...people(policy), ...checkTeams(policy), ...severities(policy), ...hooks(policy)];
}

function channels({ channels }: PolicyOutput): Finding[] {
  const log = channels[lastResort];
  return [
    ...(Object.hasOwn(channels, human)
      ? [{ path: ['channels', human], message: `"${human}" is whoever is on call, no channel. Give it another name.` }]
      : []),
    ...(log && log.kind !== 'log'
      ? [
          {
            path: ['channels', lastResort, 'kind'],
            message: `"${lastResort}" is the last resort. Give this channel another name.`,
          },
        ]
      : []),
  ];
}

function people({ people, channels }: PolicyOutput): Finding[] {
  return Object.entries(people).flatMap(([name, { email, contacts }]) => [
    ...Object.keys(contacts)
      .filter((channel) => !Object.hasOwn(channels, channel))
      .map((channel) => ({
        path: ['people', name, 'contacts', channel],
        message: unknown(channel, 'channel', channels),
      })),
    ...(email === undefined && Object.keys(contacts).length === 0
      ? [{ path: ['people', name], message: `"${name}" cannot be reached. Give an "email" or a contact.` }]
      : []),
  ]);
}

function checkTeams({ teams: written, people, channels }: PolicyOutput): Finding[] {
  const missing = Object.keys(teams).filter((team) => !Object.hasOwn(written, team));
  return [
    ...missing.map((team) => ({
      path: ['teams'],
      message: `The team "${team}" is missing: alerts are routed to it. Add "${team}: {}" at least.`,
    })),
    ...Object.entries(written).flatMap(([name, { levels, quietHours, channels: own = {} }]) => [
      ...Object.entries(levels).flatMap(([level, rotation]) => {
        if (!rotation) return [];
        const path = ['teams', name, 'levels', level];
        const strangers = rotation.people.flatMap((person, index) =>
          Object.hasOwn(people, person)
            ? []
            : [{ path: [...path, 'people', index], message: unknown(person, 'person', people, 'people') }],
        );
        const noTurns = rotation.people.length > 1 && (rotation.days === undefined || rotation.from === undefined);
        return [
          ...strangers,
          ...(noTurns
            ? [{ path, message: 'Several people take turns. Say how many "days" each has, and "from" when.' }]
            : []),
        ];
      }),
      ...(quietHours && quietHours.from === quietHours.to
        ? [
            {
              path: ['teams', name, 'quietHours', 'to'],
              message: `"${quietHours.to}" is when they begin as well. Name the end.`,
            },
          ]
        : []),
      ...(new Set(quietHours?.days).size === 7
        ? [{ path: ['teams', name, 'quietHours', 'days'], message: 'All seven days are quiet. Leave one.' }]
        : []),
      ...Object.entries(own).flatMap(([general, mine]) =>
        [general, mine]
          .filter((channel) => !Object.hasOwn(channels, channel))
          .map((channel) => ({
            path: ['teams', name, 'channels', general],
            message: unknown(channel, 'channel', channels),
          })),
      ),
    ]),
  ];
}

function severities({ severities, channels }: PolicyOutput): Finding[] {
  return (Object.keys(severities) as (keyof typeof severities)[]).flatMap((severity) => {
    const { steps, rises, respectsQuietHours } = severities[severity];
    const path = ['severities', severity];
    const findings: Finding[] = [];
    const ordinary = steps.filter(({ evenAcknowledged }) => !evenAcknowledged);
    if (respectsQuietHours && severity === 'critical')
      findings.push({
        path: [...path, 'respectsQuietHours'],
        message: 'What is critical waits for no morning. Set false.',
      });
    if (rises && !isWorse(rises.to, severity))
      findings.push({
        path: [...path, 'rises', 'to'],
        message: `"${rises.to}" is no worse than "${severity}". Name a worse one.`,
      });
    if (ordinary.length === 0)
      findings.push({
        path: [...path, 'steps'],
        message: 'All steps are "evenAcknowledged". Add one that an answer stops.',
      });
    for (const [index, step] of steps.entries()) {
      const before = steps[index - 1];
      const at = [...path, 'steps', index];
      if (before && !before.evenAcknowledged === !step.evenAcknowledged && step.after <= before.after)
        findings.push({
          path: [...at, 'after'],
          message: 'It comes no later than the step before. Put the steps in order.',
        });
      if (before?.evenAcknowledged && !step.evenAcknowledged)
        findings.push({ path: at, message: 'Steps with "evenAcknowledged" stand last. Move this one before them.' });
      for (const [place, name] of step.tell.entries()) {
        if (name !== human && !Object.hasOwn(channels, name) && name !== lastResort)
          findings.push({
            path: [...at, 'tell', place],
            message: unknown(name, 'channel', { ...channels, [human]: 0 }),
          });
      }
    }
    return findings;
  });
}

function hooks({ hooks }: PolicyOutput): Finding[] {
  return Object.entries(hooks).flatMap(([name, { onResolve }]) =>
    onResolve === undefined || Object.hasOwn(hooks, onResolve)
      ? []
      : [{ path: ['hooks', name, 'onResolve'], message: unknown(onResolve, 'hook', hooks) }],
  );
}

function unknown(name: string, what: string, known: object, plural = `${what}s`): string {
  const names = Object.keys(known);
  const choice = names.length > 0 ? `Name one of: ${names.join(', ')}.` : `There is none. Add it under "${plural}".`;
  return `"${name}" is no ${what} of this policy. ${choice}`;
}
