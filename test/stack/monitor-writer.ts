/**
 * A program that writes to a run ledger until it is killed or asked to end: `monitor-writer.ts <database> <name> calls|spans|both|liar`.
 * What it was told is durable it says on a line, after the call has returned; a liar says it before, and dies.
 */
import { writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { getMonitor } from '../../monitor/get-monitor.ts';
import { openLedger } from '../../monitor/store/open.ts';
import { wholeRun } from '../../monitor/testing/some-facts.ts';
import type { Told } from './monitor-writers.ts';

const [file = '', name = '', kind = ''] = process.argv.slice(2);
/** A pipe takes a line whole or not at all, whatever kills us. */
const say = (what: Told['what'], session: string, agent = '') => writeSync(1, `${what} ${session} ${agent}\n`);

let isAsked = false;
process.once('SIGTERM', () => {
  isAsked = true;
});

const told = {
  async calls(session: string): Promise<void> {
    const monitor = getMonitor({ db: file });
    const orchestrationId = monitor.startOrchestration({ sessionId: session, totalTasks: 2 });
    say('began', session);
    const agents = ['a', 'b'].map((agent) => `${session}-${agent}`);
    for (const [i, agentSessionId] of agents.entries()) {
      monitor.startAgentExecution({ agentSessionId, agentName: 'writer', orchestrationId, taskNumber: i + 1 });
      say('agent-began', session, agentSessionId);
    }
    for (const agentSessionId of agents) {
      monitor.completeAgentExecution({ agentSessionId, status: 'completed', filesCreated: 3 });
      say('agent-ended', session, agentSessionId);
    }
    monitor.completeOrchestration({ sessionId: session, status: 'completed', completedTasks: 2, failedTasks: 0 });
    say('ended', session);
  },
  async spans(session: string): Promise<void> {
    await (await ledger).record(wholeRun(session, `t-${session}`));
    say('spans', session);
  },
  async both(session: string): Promise<void> {
    await Promise.all([told.spans(session), told.calls(session)]);
  },
  async liar(session: string): Promise<void> {
    say('spans', session);
    process.kill(process.pid, 'SIGKILL');
  },
};

const ledger = openLedger(file);
for (let run = 0; !isAsked; run++) {
  await told[kind as keyof typeof told](`${name}-${run}`);
  await turn();
}
await (await ledger).close();
