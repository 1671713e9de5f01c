import type { ValueOf } from '../catalog/attribute.ts';
import {
  type autoCreated,
  type complexity,
  type gateSeverity,
  type gateStatus,
  githubIssuesCreated,
  githubRequests,
  githubSpan,
  moduleDelegate,
  moduleDelegations,
  moduleLoads,
  qualityGateChecks,
  qualityGateSpan,
  type resourceSize,
  responseTime,
  testCoverage,
} from '../catalog/commands.ts';
import { given } from './given.ts';
import { add, record } from './record.ts';
import { run } from './run.ts';
import { currentScope } from './scope.ts';

/** Work passed on to a module, or to an agent: `module.delegate`, which may nest. (S08, T05) */
export function delegate<T>(options: { to: string }, fn: () => T): T {
  const { to } = given(options);
  const { commandType, agentName, command } = currentScope();
  if (command) command.delegations += 1;
  return run(
    {
      declaration: moduleDelegate,
      attributes: { 'framework.command.type': commandType, 'target.module': to },
      onEnd({ outcome }, span) {
        span.set({ status: outcome });
        add(moduleDelegations, 1, { 'source.command': commandType ?? agentName, 'target.module': to, status: outcome });
      },
    },
    fn,
  );
}

/** A module was loaded, or did not come up. */
export function moduleLoaded(module: string, succeeded: boolean): void {
  add(moduleLoads, 1, { 'target.module': module, status: succeeded ? 'success' : 'failure' });
}

export interface GateOptions {
  /** Which gate, one of few, e.g. `lint`. */
  type: string;
  /** What a failed one means. Default: `blocking`. */
  severity?: ValueOf<typeof gateSeverity>;
}

export interface Gate {
  passed(detail?: string): void;
  failed(detail?: string): void;
}

/** One quality gate. Without a verdict, `false` as the result is a failed gate, and one that throws is an error. (S08, T05) */
export function qualityGate<T>(options: GateOptions, fn: (gate: Gate) => T): T {
  const { type, severity = 'blocking' } = given(options);
  const { command } = currentScope();
  if (command) command.gates += 1;
  let verdict: ValueOf<typeof gateStatus> | undefined;
  let detail: string | undefined;
  const labels = { 'gate.type': type, severity };
  return run(
    {
      declaration: qualityGateSpan,
      attributes: labels,
      onValue(value) {
        if (value === false) verdict ??= 'failed';
      },
      onEnd({ failed }, span) {
        const status = failed ? 'error' : (verdict ?? 'passed');
        span.set({ status, 'framework.quality.gate.detail': detail });
        add(qualityGateChecks, 1, { ...labels, status });
      },
    },
    () =>
      fn({
        passed(found) {
          verdict = 'passed';
          detail = found;
        },
        failed(found) {
          verdict = 'failed';
          detail = found;
        },
      }),
  );
}

export interface GithubOptions {
  /** What is asked, one of few; `create_issue` is counted as an issue too. */
  operation: string;
  /** Of a new issue. */
  issue?: { type: string; complexity?: ValueOf<typeof complexity>; auto?: boolean };
}

/** One request to GitHub. (S08, T05) */
export function github<T>(options: GithubOptions, fn: () => T): T {
  const { operation, issue } = given(options);
  const { command } = currentScope();
  if (command) command.github = true;
  const auto: ValueOf<typeof autoCreated> | undefined = issue && ((issue.auto ?? true) ? 'true' : 'false');
  return run(
    {
      declaration: githubSpan,
      name: `github.${operation}`,
      attributes: { 'github.operation': operation, 'issue.type': issue?.type, 'auto.created': auto },
      onEnd({ outcome }, span) {
        span.set({ outcome });
        add(githubRequests, 1, { 'github.operation': operation, outcome });
        if (outcome === 'success' && issue) {
          add(githubIssuesCreated, 1, {
            'issue.type': issue.type,
            'complexity.level': issue.complexity ?? 'medium',
            'auto.created': auto,
          });
        }
      },
    },
    fn,
  );
}

/** Share of the code that tests run through, 0 to 1, as last measured; what is no share is left out. (T05) */
export function recordTestCoverage(share: number, of: { module: string; project: string }): void {
  const { module, project } = given(of);
  if (!Number.isFinite(share) || share < 0 || share > 1) return;
  record(testCoverage, share, { 'module.category': module, 'project.type': project });
}

/** A response time of something users wait for. (T05) */
export function recordResponseTime(
  seconds: number,
  of: { operation: string; size: ValueOf<typeof resourceSize> },
): void {
  const { operation, size } = given(of);
  record(responseTime, seconds, { 'operation.type': operation, 'resource.size': size });
}
