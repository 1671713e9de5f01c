import { key, label } from './attribute.ts';
import { agentName, outcome, workSeconds } from './attributes.ts';
import { event } from './event.ts';
import { counter, histogram } from './metric.ts';
import { span } from './span.ts';

export const codeLanguage = label('code.language', 'Programming language', { atMost: 40 });
export const codeFramework = label('code.framework', 'Framework, `none` without one', { atMost: 60 });
export const executionRuntime = label('execution.runtime', 'What ran it, e.g. `node`', { atMost: 20 });
export const limitKind = label('execution.limit', 'Which limit was hit', [
  'cpu',
  'memory',
  'time',
  'output',
  'file_system',
  'network',
  'processes',
]);

export const codeChanges = counter('code.changes', {
  unit: '{change}',
  means: 'Pieces of code agents wrote.',
  labels: [agentName, codeLanguage, codeFramework, outcome],
  source: { id: 'S10' },
});

export const executionDuration = histogram('execution.duration', {
  unit: 's',
  means: 'Wall time of code that agents ran.',
  labels: [executionRuntime, outcome],
  buckets: workSeconds,
  source: { id: 'S10' },
});

export const executionCpuTime = counter('execution.cpu.time', {
  unit: 's',
  means: 'CPU time of code that agents ran.',
  labels: [executionRuntime],
  source: { id: 'S10' },
});

export const executionPeakMemory = histogram('execution.memory.peak', {
  unit: 'By',
  means: 'Most memory one execution used.',
  labels: [executionRuntime],
  buckets: [1e6, 4e6, 16e6, 64e6, 256e6, 1e9, 4e9],
  source: { id: 'S10' },
});

export const executionLimitViolations = counter('execution.limit.violations', {
  unit: '{violation}',
  means: 'Executions that hit a limit, timeouts included.',
  labels: [executionRuntime, limitKind],
  source: { id: 'S10' },
});

export const sandboxEscapeAttempts = counter('execution.sandbox.escape_attempts', {
  unit: '{attempt}',
  means: 'Code that tried to leave its sandbox.',
  labels: [agentName, executionRuntime],
  source: { id: 'S10' },
});

export const executionRollbacks = counter('execution.rollbacks', {
  unit: '{rollback}',
  means: 'Executions whose effects were undone.',
  labels: [agentName, executionRuntime],
  source: { id: 'S10' },
});

export const codeTokens = key('code.tokens', 'int', 'Tokens it took to write');
export const codeCoverage = key(
  'code.coverage',
  'double',
  'Share of it that tests run through, 0 to 1',
  'a writer that measures it',
);
export const codeLines = key('code.lines', 'int', 'Lines written');
export const executionTimeoutMs = key('execution.timeout_ms', 'double', 'The limit, in ms');
export const executionTimedOut = key('execution.timed_out', 'boolean', 'Whether the limit ended it');
export const executionCpuSeconds = key('execution.cpu_seconds', 'double', 'CPU time');
export const executionMemoryBytes = key('execution.memory_bytes', 'double', 'Most memory it used');
export const executionFiles = key(
  'execution.files',
  'string[]',
  'Files it touched, `read:` or `write:` before the path',
);
export const executionHosts = key('execution.hosts', 'string[]', 'Hosts it spoke to', 'code that may speak to hosts');
export const executionLimits = key('execution.limits_hit', 'string[]', 'Limits it hit');
export const executionEscape = key('execution.sandbox.escape_attempted', 'boolean', 'Whether it tried to leave');
export const executionRolledBack = key('execution.rolled_back', 'boolean', 'Whether its effects were undone');
export const escapeDetail = key('execution.sandbox.escape_detail', 'string', 'What it tried');

export const codeWrite = span('code.write', {
  means: 'A piece of code an agent wrote.',
  attributes: [agentName, codeLanguage, codeFramework, codeTokens, codeCoverage, codeLines, outcome],
  source: 'S10',
});

export const executionRun = span('execution.run', {
  means: 'Code that an agent ran.',
  attributes: [
    agentName,
    executionRuntime,
    executionTimeoutMs,
    executionTimedOut,
    executionCpuSeconds,
    executionMemoryBytes,
    executionFiles,
    executionHosts,
    executionLimits,
    executionEscape,
    executionRolledBack,
    outcome,
  ],
  source: 'S10',
});

export const sandboxEscape = event('security.sandbox_escape', {
  severity: 'error',
  means: 'Code tried to leave its sandbox.',
  attributes: [agentName, executionRuntime, escapeDetail],
  source: 'S10',
});
