import { escalatePermission, skillAccess } from '@fleetscope/instrumentation';
import type { Fleet } from '../fleet.ts';
import type { Random } from '../model-server/random.ts';
import { isGranted, roles } from './roles.ts';

/** An agent wanted what it may not have. */
export class PermissionError extends Error {
  override name = 'PermissionError';
}

interface Wish {
  agent: string;
  skill: string;
  /** The request it is for. */
  number: number;
  chance: Random;
}

const shareLostByBadPolicy = 0.7;
const shareGivenBack = 0.8;

/**
 * Runs `work`, for which the agent needs a skill. One that its role does not have is asked for, and given back after.
 * @throws PermissionError when it was not granted.
 */
export async function withSkill<T>(
  { counts, faults }: Pick<Fleet, 'counts' | 'faults'>,
  { agent, skill, number, chance }: Wish,
  work: () => Promise<T>,
): Promise<T> {
  const inRole = roles[agent]?.includes(skill) ?? false;
  const lost = inRole && faults.isOn('denied-skills') && chance.chance(shareLostByBadPolicy);
  const allowed = skillAccess({
    skill,
    allowed: inRole && !lost,
    denial: lost ? 'policy' : 'not_in_role',
    reason: `the role of ${agent} ${inRole ? 'has it' : 'does not have it'}${lost ? ', a new policy took it away' : ''}`,
  });
  counts.add('skills', `${skill} ${allowed ? 'allowed' : 'denied'}`);
  if (allowed) return work();

  const granted = lost ? chance.chance(shareGivenBack) : isGranted(skill, number);
  const permission = escalatePermission({ permission: skill, granted, reason: 'the task needs it' });
  counts.add('permissions', `${skill} ${granted ? 'success' : 'failure'}`);
  if (!granted)
    throw new PermissionError(`Cannot go on: ${agent} may not ${skill}. Give it to the role, or do without.`);
  try {
    return await work();
  } finally {
    permission.release();
  }
}
