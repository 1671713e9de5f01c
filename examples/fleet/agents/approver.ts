import { agent, decideApproval, escalateApproval, requestApproval } from '@fleetscope/instrumentation';
import { isCancelled } from '../counts.ts';
import type { Fleet } from '../fleet.ts';
import type { Random } from '../model-server/random.ts';

export interface Approval {
  kind: 'deploy' | 'merge';
  subject: string;
  chance: Random;
  /** Whoever should answer is away: somebody else has to be asked. */
  away: boolean;
}

const answerMs = { median: 6_000, spread: 0.7 };
const patienceMs = 20_000;
const shareOfYes = 0.97;

/** Asks for an approval and gives the answer of an agent that behaves as people do: after a while, and mostly with yes. */
export async function askApproval(fleet: Fleet, { kind, subject, chance, away }: Approval): Promise<boolean> {
  const { counts, faults, stopping, pause } = fleet;
  const waitMs = chance.logNormal(answerMs.median, answerMs.spread);
  const decision = chance.chance(shareOfYes) ? 'approved' : 'rejected';
  let ticket = requestApproval({ kind, subject, role: 'lead' });
  counts.add('approvals', `${kind} requested`);
  try {
    await pause(away ? patienceMs : waitMs);
    await faults.over('stuck-approvals', stopping);
    if (away) {
      ticket = escalateApproval(ticket, 'head');
      counts.add('approvals', `${kind} escalated`);
      await pause(waitMs);
    }
  } catch (error) {
    if (isCancelled(error)) {
      decideApproval(ticket, { decision: 'cancelled' });
      counts.add('approvals', `${kind} cancelled`);
    }
    throw error;
  }
  const run = agent({ name: 'Approver', action: 'answer' }, async () =>
    decideApproval(ticket, { decision, by: away ? 'noor' : 'kim' }),
  );
  await counts.of('agents', 'Approver', run);
  counts.add('approvals', `${kind} ${decision}`);
  return decision === 'approved';
}
