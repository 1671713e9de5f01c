/** `self-test`: the example of docs/monitor.md in a database of its own, then every command on it. What CI runs. (R04) */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { closeMonitors, getMonitor } from '../get-monitor.ts';

export interface SelfTest {
  /** The program that is tested: scripts/monitor.ts. */
  readonly program: string;
  /** Where database and exports stay. Undefined: nowhere. */
  readonly output: string | undefined;
  readonly line: (text: string) => void;
}

/** A command, how it is to end, and what it is to say. */
type Step = readonly [args: readonly string[], exit: 0 | 1 | 2, says: RegExp];

const session = 'my-session-123';
const dayMs = 86_400_000;

/** @returns whether everything was as it should be. @throws Error where the output has a database already. */
export async function selfTest({ program, output, line }: SelfTest): Promise<boolean> {
  if (output !== undefined && existsSync(join(output, 'ledger.db')))
    throw new Error(`Cannot test in ${output}: it has a ledger.db. Name another folder: --output.`);
  const scratch = mkdtempSync(join(tmpdir(), 'fleetscope-monitor-'));
  const folder = output === undefined ? scratch : resolve(output);
  const db = join(folder, 'ledger.db');
  // Compiled once, not for each of the commands.
  const env = { NODE_COMPILE_CACHE: join(scratch, 'compiled') };
  mkdirSync(folder, { recursive: true });
  try {
    fill(db);
    let failed = 0;
    for (const [args, exitCode, says] of steps(folder)) {
      const ended = await execa(process.execPath, [program, '--db', db, ...args], {
        reject: false,
        env,
        stdin: 'ignore',
      });
      const isRight = ended.exitCode === exitCode && says.test(`${ended.stdout}\n${ended.stderr}`);
      line(`${isRight ? 'ok    ' : 'FAILED'}  ${args.join(' ').replaceAll(`${folder}/`, '')}`);
      if (isRight) continue;
      failed++;
      line(`        ended with ${ended.exitCode} instead of ${exitCode}, or did not say ${says}:`);
      line([ended.stdout, ended.stderr].join('\n').trim().replace(/^/gm, '        '));
    }
    failed += wholeExport(folder, line) ? 0 : 1;
    line(failed === 0 ? 'Every command works.' : `${failed} of the steps failed.`);
    return failed === 0;
  } finally {
    closeMonitors();
    rmSync(scratch, { recursive: true });
  }
}

/** The example of the documentation, a run that failed, one that is old, one that still runs. */
function fill(db: string): void {
  const monitor = getMonitor({ db, strict: true });
  const orchestrationId = monitor.startOrchestration({
    ...{ sessionId: session, taskDescription: 'Build and deploy', totalTasks: 5 },
  });
  const agent = { agentSessionId: 'agent-session-456', agentName: 'backend-agent' };
  monitor.startAgentExecution({ ...agent, orchestrationId, taskNumber: 1 });
  monitor.completeAgentExecution({ ...agent, status: 'completed', filesCreated: 3, filesModified: 5 });
  monitor.completeOrchestration({ sessionId: session, status: 'completed', completedTasks: 5, failedTasks: 0 });

  const failed = monitor.startOrchestration({ sessionId: 'failed-session', totalTasks: 1 });
  const other = { agentSessionId: 'agent-session-789', agentName: 'qa-agent' };
  monitor.startAgentExecution({ ...other, orchestrationId: failed, taskId: 'T-1' });
  monitor.completeAgentExecution({ ...other, status: 'failed', errorMessage: 'Test 17 failed', retryCount: 2 });
  monitor.completeOrchestration({ sessionId: 'failed-session', status: 'failed', failedTasks: 1 });

  const then = (days: number) => new Date(Date.now() - days * dayMs);
  monitor.startOrchestration({ sessionId: 'old-session', startedAt: then(41) });
  monitor.completeOrchestration({ sessionId: 'old-session', status: 'completed', completedAt: then(40) });
  monitor.startOrchestration({ sessionId: 'running-session' });
  closeMonitors();
}

function steps(folder: string): Step[] {
  return [
    [['list'], 0, /my-session-123/],
    [['list', '--json', '--status', 'failed'], 0, /^\{"orchestrations":\[\{.*"failed-session"/],
    [['show', session], 0, /backend-agent/],
    [['show', session, '--format', 'markdown'], 0, /^# my-session-123: Build and deploy/],
    [['show', 'no-such-session'], 1, /^\n?Cannot find the run "no-such-session"/],
    [['executions', session], 0, /agent-session-456.*completed.*\+3 ~5/],
    [['waterfall', session], 0, /^my-session-123: /],
    [['agent', 'backend-agent'], 0, /agent-session-456/],
    [['health'], 0, /runs\s+3 {2}1 completed, 1 failed, 1 running/],
    [['health', '48', '--min-success', '99'], 1, /50\.0 %/],
    [['performance'], 0, /qa-agent.*1 \(100\.0 %\)/],
    [['failures', '5'], 0, /Test 17 failed/],
    [['failures', '--exit-code'], 1, /1 failure of 1 kind/],
    [['losses'], 0, /failed/],
    [['cost'], 0, /spent today/],
    [['cost', '--by', 'workflow', '--since', '7d'], 0, /spent\s/],
    [['cost', '--by', 'month'], 2, /give one of agent, model/],
    [['compare', '7d'], 0, /nothing to compare/],
    [['trend', '--by', 'hour'], 0, /executions\s+too few points/],
    [['estimate'], 1, /Cannot estimate/],
    [['export', '--output', join(folder, 'export.json')], 0, /Written/],
    [['export', session, '--format', 'ndjson'], 0, /^\{"orchestration":\{/],
    [['export', '--format', 'csv', '--table', 'agent_executions'], 0, /^id,orchestration_id,agent_session_id,/],
    [['check'], 0, /The ledger is whole\./],
    [['cleanup', '30', '--dry-run'], 0, /Would remove 1 run /],
    [['cleanup', '30'], 0, /Removed 1 run /],
    [['cleanup', '30'], 0, /Removed 0 runs /],
    [['cleanup', 'all'], 2, /Cannot use the days "all"/],
    [['check', '--json'], 0, /"ok":true/],
    [['lst'], 2, /Did you mean list\?/],
    [['list', '--statsu', 'failed'], 2, /Did you mean --status\?/],
  ];
}

/** The export is of before the cleanup: all four runs. */
function wholeExport(folder: string, line: (text: string) => void): boolean {
  const runs = JSON.parse(readFileSync(join(folder, 'export.json'), 'utf8')) as unknown[];
  if (runs.length === 4) return true;
  line(`FAILED  export.json has ${runs.length} runs instead of 4`);
  return false;
}
