import { type Context, context, createContextKey } from '@opentelemetry/api';
import type { TraceKeeper } from './agent-trace.ts';
import type { LlmCall } from './model-call.ts';

/** Whose work this is: handed down with the context, so that nobody has to repeat it. */
export interface Scope {
  workflowName?: string;
  workflowId?: string;
  agentName?: string;
  agentId?: string;
  taskType?: string;
  taskId?: string;
  commandType?: string;
  toolName?: string;
  /** Where decisions and tokens of the task are kept. */
  trace?: TraceKeeper;
  /** What the command that this is part of has done so far. */
  command?: CommandTally;
  /** The model call that this code makes. What a client does in it is part of it, and no call of its own. */
  modelCall?: ModelCall | undefined;
}

export interface ModelCall {
  /** For one request of it: what is said of several adds up, and what the program says itself stands before it. */
  request(): LlmCall;
}

export interface CommandTally {
  delegations: number;
  gates: number;
  github: boolean;
  sessionType?: string;
}

// The API makes `Symbol.for` of it: a scope that the program's copy of this file set is seen by the preload's.
const key = createContextKey('fleetscope.scope');
const none: Scope = {};

/** The scope of the code that runs now; empty outside of the fleet's calls, and without an SDK. */
export function currentScope(from?: Context): Scope {
  try {
    return ((from ?? context.active()).getValue(key) as Scope | undefined) ?? none;
  } catch {
    // Where contexts do not work, nobody's.
    return none;
  }
}

/** A context whose scope is that of `from` and more. Agents and tools at work inside a model call make calls of their own. */
export function withScope(from: Context, more: Scope): Context {
  return from.setValue(key, { ...currentScope(from), modelCall: undefined, ...more });
}
