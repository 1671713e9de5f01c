import { randomUUID } from 'node:crypto';
import type { ValueOf } from '../catalog/attribute.ts';
import {
  commandAuthenticate,
  commandDuration,
  commandExecute,
  commandExecutions,
  commandParse,
  commandRespond,
  type complexity,
} from '../catalog/commands.ts';
import { given } from './given.ts';
import { guard } from './guard.ts';
import { peakUse } from './peak-use.ts';
import { add, record } from './record.ts';
import { run } from './run.ts';
import type { CommandTally } from './scope.ts';
import { authentication } from './security.ts';

export interface CommandOptions {
  /** Which command: one of few. */
  type: string;
  /** Default: `medium`. */
  complexity?: ValueOf<typeof complexity>;
  /** A bounded stand-in for who asks, e.g. `admin`. Default: `user`. */
  userClass?: string;
  /** Whose command it is; on the span only. */
  enterpriseId?: string;
  /** The promised time, in ms. */
  targetMs?: number;
  /** Default: a new UUID. */
  id?: string;
}

/** The steps of a command that are its own; those of others are `delegate`, `qualityGate`, `github`, `session`. */
export interface Command {
  readonly id: string;
  /** Who asks? One that throws counts as turned away. */
  authenticate<T>(fn: () => T): T;
  parse<T>(fn: () => T): T;
  respond<T>(fn: () => T): T;
}

/** One command, from the request to the response: `command.execute`, with its steps nested in it. (S08, T05) */
export function command<T>(options: CommandOptions, fn: (command: Command) => T): T {
  const { type, complexity = 'medium', userClass = 'user', enterpriseId, targetMs, id = randomUUID() } = given(options);
  const tally: CommandTally = { delegations: 0, gates: 0, github: false };
  const peak = peakUse();
  return run(
    {
      declaration: commandExecute,
      attributes: {
        'framework.command.id': id,
        'framework.command.type': type,
        'framework.command.complexity': complexity,
        'user.class': userClass,
        'framework.user.enterprise_id': enterpriseId,
        'response.time.target_ms': targetMs,
      },
      scope: { commandType: type, command: tally },
      giveBack: peak.stop,
      onEnd({ outcome, seconds }, span) {
        const actualMs = seconds * 1000;
        const used = peak.stop();
        span.set({
          status: outcome,
          'framework.module.delegations': tally.delegations,
          'framework.quality.gates.executed': tally.gates,
          'framework.github.integration.active': tally.github,
          'framework.session.type': tally.sessionType,
          'response.time.actual_ms': actualMs,
          'performance.sla.met': targetMs === undefined ? undefined : actualMs <= targetMs,
          'resource.utilization.peak_cpu': used?.cpu,
          'resource.utilization.peak_memory': used?.memoryBytes,
        });
        add(commandExecutions, 1, { 'command.type': type, 'user.class': userClass, status: outcome });
        record(commandDuration, seconds, { 'command.type': type, 'complexity.level': complexity });
      },
    },
    ({ span }) => {
      guard(() => span.isRecording() && peak.start());
      return fn({
        id,
        authenticate: (step) =>
          run(
            {
              declaration: commandAuthenticate,
              attributes: { 'framework.command.type': type },
              onEnd({ outcome }, span) {
                span.set({ outcome });
                authentication(outcome === 'success');
              },
            },
            step,
          ),
        parse: (step) => run({ declaration: commandParse, attributes: { 'framework.command.type': type } }, step),
        respond: (step) => run({ declaration: commandRespond, attributes: { 'framework.command.type': type } }, step),
      });
    },
  );
}
