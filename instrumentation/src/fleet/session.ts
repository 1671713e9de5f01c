import { randomUUID } from 'node:crypto';
import type { ValueOf } from '../catalog/attribute.ts';
import {
  type agentCount,
  concurrentSessions,
  sessionDuration,
  sessionSpan,
  userFeedback,
} from '../catalog/sessions.ts';
import { given } from './given.ts';
import { harmless } from './guard.ts';
import { hold, record } from './record.ts';
import { run } from './run.ts';
import { currentScope } from './scope.ts';

export interface SessionOptions {
  /** Which kind, one of few, e.g. `chat`. */
  type: string;
  /** Default: a new UUID. */
  id?: string;
  /** On the span only. */
  userId?: string;
  /** How many agents take part. Default: 1. */
  agents?: number;
}

export interface Session {
  readonly id: string;
  /** One more agent takes part. */
  joined(): void;
  /** What the user said of it, 0 (useless) to 1 (perfect). */
  feedback(score: number): void;
}

/** A session of a user, or of agents that work together. (S08, T05) */
export function session<T>(options: SessionOptions, fn: (session: Session) => T): T {
  const { type, id = randomUUID(), userId, agents: begunWith = 1 } = given(options);
  let agents = begunWith;
  const labels = { 'session.type': type };
  const { command } = currentScope();
  if (command) command.sessionType = type;
  return run(
    {
      declaration: sessionSpan,
      attributes: { 'session.id': id, 'framework.session.type': type, 'user.id': userId },
      giveBack: hold(concurrentSessions, labels),
      onEnd({ outcome, seconds }, span) {
        const count = step(agents);
        span.set({ 'agent.count': count, outcome });
        record(sessionDuration, seconds, { ...labels, 'agent.count': count, outcome });
      },
    },
    () =>
      fn({
        id,
        joined: () => {
          agents += 1;
        },
        feedback: harmless((score) => {
          if (score >= 0 && score <= 1) record(userFeedback, score, labels);
        }),
      }),
  );
}

function step(count: number): ValueOf<typeof agentCount> {
  if (count <= 0) return '0';
  if (count === 1) return '1';
  if (count <= 5) return '2-5';
  return count <= 20 ? '6-20' : '21+';
}
