import { command, delegate, qualityGate, session } from '@fleetscope/instrumentation';
import type { Delivery } from './agents/director.ts';
import { commands, commandType, parseCommand } from './command-line.ts';
import type { Fleet } from './fleet.ts';
import type { CommandLine } from './requests.ts';
import { runRequest } from './run-request.ts';
import { claimsOf, verifyToken } from './security/tokens.ts';

/** What a person reads in the end. */
export interface Response {
  text: string;
  /** Says what the person thought of it, 0 to 1. */
  feedback(score: number): void;
}

/** A person's command: who asks, what for, the work of the agents, an issue that tells of it, and an answer. */
export async function runCommand(fleet: Fleet, { token, ...typed }: CommandLine): Promise<Response> {
  const { counts, settings, github } = fleet;
  const type = commandType(typed.line);
  const { user, userClass } = claimsOf(token);
  const { complexity = 'low', targetMs = 1_000 } = type === 'unknown' ? {} : commands[type];
  const options = { type, complexity, userClass, enterpriseId: user, targetMs };
  const passOn = <T>(to: string, work: () => Promise<T>) => counts.of('delegations', to, delegate({ to }, work));
  const run = command(options, async ({ authenticate, parse, respond }) => {
    authenticate(() => verifyToken(token, settings.tokenSecret));
    const request = parse(() => parseCommand(typed));
    const talk = session({ type: 'command', userId: user, agents: 4 }, async ({ feedback }) => {
      const issue = await passOn('github', () => github.openIssue(request));
      const delivery = await passOn('workflow', () => runRequest(fleet, request));
      const complete = qualityGate({ type: 'complete', severity: 'blocking' }, () => isComplete(delivery));
      counts.add('gates', `complete ${complete ? 'passed' : 'failed'}`);
      await passOn('github', () => github.closeIssue(request.repository, issue));
      return respond(() => ({ text: answerOf(delivery), feedback }));
    });
    return counts.of('sessions', 'command', talk);
  });
  return counts.of('commands', type, run);
}

/** Something was found or written, and what was written was committed. */
export function isComplete({ findings, pieces, commit }: Delivery): boolean {
  return pieces.length > 0 ? commit !== undefined : findings.length > 0;
}

function answerOf({ findings, pieces, commit }: Delivery): string {
  const found = findings.map(({ summary }) => summary).join('\n');
  return commit ? `Committed ${pieces.length} files as ${commit}.\n${found}` : found;
}
