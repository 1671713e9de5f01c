/** A program of the fleet whose person comes back late: `node --import … late-answers.ts <seconds>`. Prints what it counted. */
import { setTimeout as delay } from 'node:timers/promises';
import { agent, decideApproval, requestApproval, workflow } from '@fleetscope/instrumentation';
import { Counts } from '../../examples/fleet/counts.ts';

const lateSeconds = Number(process.argv[2]);
const questions = 6;
const counts = new Counts();

const ask = (subject: string) => {
  counts.add('approvals', 'deploy requested');
  return requestApproval({ kind: 'deploy', subject, role: 'lead' });
};
const answer = (ticket: ReturnType<typeof ask>) => {
  counts.add('approvals', 'deploy approved');
  return decideApproval(ticket, { decision: 'approved', by: 'kim' });
};

const release = workflow({ name: 'cut-release' }, () => {
  const asking = agent({ name: 'Approver', action: 'ask' }, async () => {
    answer(ask('Version 0'));
    const tickets = Array.from({ length: questions }, (_, i) => ask(`Version ${i + 1}`));
    await delay(lateSeconds * 1000);
    for (const ticket of tickets) answer(ticket);
  });
  return counts.of('agents', 'Approver', asking);
});
await counts.of('workflows', 'cut-release', release);
console.log(JSON.stringify(counts.report()));
