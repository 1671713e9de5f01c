/** Prints `FleetCall[]` as JSON: what each call of the fleet API costs, by the CPU of the main thread. */
import { setImmediate as turn } from 'node:timers/promises';
import {
  agent,
  approval,
  auditViolation,
  code,
  command,
  database,
  decision,
  delegate,
  escalatePermission,
  execution,
  github,
  heartbeat,
  inject,
  llmCall,
  log,
  MessageBus,
  memoryAccess,
  operation,
  qualityGate,
  recordResponseTime,
  session,
  skillAccess,
  task,
  tool,
  workflow,
} from '@fleetscope/instrumentation';
import type { FleetCall } from './fleet-calls.ts';
import { summarize } from './statistics.ts';

/** Each as a program would call it, around work that costs nothing. The name is what the table shows. */
const calls: Record<string, () => unknown> = {
  workflow: () => workflow({ name: 'release' }, work),
  agent: () => agent({ name: 'coder', action: 'write' }, work),
  task: () => task({ type: 'review', agent: 'coder' }, work),
  decision: () => decision({ name: 'choose_model', alternatives: ['small', 'large'] }, () => 'small'),
  llmCall: () =>
    llmCall({ provider: 'anthropic', model: 'claude-sonnet-4-5' }, (call) => call.usage({ input: 900, output: 200 })),
  tool: () => tool({ name: 'read_file' }, work),
  'MessageBus.send': () => bus.send('coder', 'work'),
  inject: () => inject(),
  approval: () => approval({ kind: 'deploy' }, () => ({ decision: 'approved' })),
  skillAccess: () => skillAccess({ skill: 'shell', allowed: true }),
  escalatePermission: () => escalatePermission({ permission: 'write', granted: true }).release(),
  auditViolation: () => auditViolation({ type: 'policy', severity: 'low' }),
  command: () => command({ type: 'deploy' }, work),
  delegate: () => delegate({ to: 'coder' }, work),
  qualityGate: () => qualityGate({ type: 'lint' }, work),
  github: () => github({ operation: 'commit' }, work),
  session: () => session({ type: 'chat' }, work),
  memoryAccess: () => memoryAccess({ layer: 'semantic', operation: 'search' }, work),
  code: () => code({ language: 'typescript' }, work),
  execution: () => execution({ runtime: 'node' }, work),
  database: () => database({ system: 'sqlite', operation: 'SELECT' }, work),
  operation: () => operation('docs', work),
  recordResponseTime: () => recordResponseTime(0.2, { operation: 'search', size: 'small' }),
  heartbeat: () => coder.beat(),
  log: () => log.info('done', { component: 'coder' }),
};

const coder = heartbeat('coder');
const bus = new MessageBus<string>();
bus.receive('coder', work);

// As many as fit one batch of the SDK, so that nothing is dropped, which would look cheap.
const inOneTurn = 256;
const repetitions = 5;
const iterations = Number(process.argv[2]);

const measured: FleetCall[] = [];
for (const [name, call] of Object.entries(calls)) {
  await repeat(call, iterations / 4);
  const rounds: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) rounds.push(await repeat(call, iterations));
  measured.push({ name, nsPerCall: Math.round(summarize(rounds).median) });
}
process.stdout.write(JSON.stringify(measured));

async function repeat(call: () => unknown, times: number): Promise<number> {
  const before = process.threadCpuUsage();
  for (let done = 0; done < times; done++) {
    call();
    if (done % inOneTurn === 0) await turn();
  }
  const { user, system } = process.threadCpuUsage(before);
  return ((user + system) * 1000) / times;
}

function work(): string {
  return 'done';
}
