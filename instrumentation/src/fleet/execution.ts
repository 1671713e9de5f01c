import type { ValueOf } from '../catalog/attribute.ts';
import {
  codeChanges,
  codeWrite,
  executionCpuTime,
  executionDuration,
  executionLimitViolations,
  executionPeakMemory,
  executionRollbacks,
  executionRun,
  type limitKind,
  sandboxEscape,
  sandboxEscapeAttempts,
} from '../catalog/code.ts';
import { createKeeper } from './agent-trace.ts';
import { emit } from './emit.ts';
import { given, textOf } from './given.ts';
import { harmless } from './guard.ts';
import { add, record } from './record.ts';
import { run } from './run.ts';
import { currentScope } from './scope.ts';
import { auditViolation } from './security.ts';

type Limit = ValueOf<typeof limitKind>;

export interface ExecutionOptions {
  /** What runs it, one of few, e.g. `node`. */
  runtime: string;
  timeoutMs?: number;
}

export interface Execution {
  /** What it used in the end. */
  used(usage: { cpuSeconds?: number; peakMemoryBytes?: number }): void;
  /** It hit a limit; `time` is the timeout. */
  hitLimit(limit: Limit): void;
  /** It touched a file. */
  file(access: 'read' | 'write', path: string): void;
  /** It spoke to a host. */
  network(host: string): void;
  /** It tried to leave its sandbox: counted, and an audit violation. */
  escapeAttempt(detail: string): void;
  /** What it had done was undone. */
  rolledBack(): void;
}

/** Most files and hosts noted on one span. */
const noted = 100;

/** Code that an agent runs. (S10) */
export function execution<T>(options: ExecutionOptions, fn: (execution: Execution) => T): T {
  const { runtime, timeoutMs } = given(options);
  const { agentName } = currentScope();
  const labels = { 'execution.runtime': runtime };
  const byAgent = { 'agent.name': agentName, ...labels };
  const files = new Set<string>();
  const hosts = new Set<string>();
  const limits = new Set<Limit>();
  let escaped = false;
  let undone = false;
  return run(
    {
      declaration: executionRun,
      attributes: { ...byAgent, 'execution.timeout_ms': timeoutMs },
      onEnd({ outcome, seconds }, span) {
        span.set({
          outcome,
          'execution.timed_out': limits.has('time'),
          'execution.files': [...files],
          'execution.hosts': [...hosts],
          'execution.limits_hit': [...limits],
          'execution.sandbox.escape_attempted': escaped,
          'execution.rolled_back': undone,
        });
        record(executionDuration, seconds, { ...labels, outcome });
      },
    },
    (span) =>
      fn({
        used: harmless(({ cpuSeconds, peakMemoryBytes }) => {
          span.set({ 'execution.cpu_seconds': cpuSeconds, 'execution.memory_bytes': peakMemoryBytes });
          if (cpuSeconds !== undefined) add(executionCpuTime, cpuSeconds, labels);
          if (peakMemoryBytes !== undefined) record(executionPeakMemory, peakMemoryBytes, labels);
        }),
        hitLimit: harmless((limit) => {
          if (limits.size < noted) limits.add(limit);
          add(executionLimitViolations, 1, { ...labels, 'execution.limit': limit });
        }),
        file: harmless((access, path) => {
          if (files.size < noted) files.add(`${access}:${path}`);
        }),
        network: harmless((host) => {
          if (hosts.size < noted) hosts.add(`${host}`);
        }),
        escapeAttempt(said) {
          const detail = textOf(said);
          escaped = true;
          add(sandboxEscapeAttempts, 1, byAgent);
          emit(sandboxEscape, detail, { ...byAgent, 'execution.sandbox.escape_detail': detail });
          auditViolation({ type: 'sandbox_escape', severity: 'critical', detail });
        },
        rolledBack() {
          undone = true;
          add(executionRollbacks, 1, byAgent);
        },
      }),
  );
}

export interface CodeOptions {
  language: string;
  /** Default: `none`. */
  framework?: string;
}

export interface CodeWork {
  /** What came of it. */
  result(result: {
    /** Default: those of the model calls inside. */ tokens?: number;
    lines?: number;
    coverage?: number;
    success?: boolean;
  }): void;
}

/** A piece of code that an agent writes. It counts as failed when `fn` throws, or says so. (S10) */
export function code<T>(options: CodeOptions, fn: (work: CodeWork) => T): T {
  const { language, framework = 'none' } = given(options);
  const { agentName, trace } = currentScope();
  const labels = { 'agent.name': agentName, 'code.language': language, 'code.framework': framework };
  const spent = createKeeper('code', trace);
  let failed = false;
  let told: number | undefined;
  return run(
    {
      declaration: codeWrite,
      attributes: labels,
      scope: { trace: spent },
      onEnd(ended, span) {
        const outcome = failed ? 'failure' : ended.outcome;
        span.set({ outcome, 'code.tokens': told ?? spent.tokenUsage.output });
        add(codeChanges, 1, { ...labels, outcome });
      },
    },
    (span) =>
      fn({
        result: harmless(({ tokens, lines, coverage, success = true }) => {
          failed = !success;
          told = tokens;
          span.set({ 'code.lines': lines, 'code.coverage': coverage });
        }),
      }),
  );
}
