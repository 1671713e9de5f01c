import { key, label } from './attribute.ts';
import { answerSeconds, errorType, outcome, workSeconds } from './attributes.ts';
import { counter, gauge, histogram } from './metric.ts';
import { frameworkSessionType } from './sessions.ts';
import { span } from './span.ts';

export const commandType = label('command.type', 'The command', { atMost: 100 });
export const complexity = label('complexity.level', 'How much it asks for', ['low', 'medium', 'high', 'enterprise']);
export const userClass = label('user.class', 'A bounded stand-in for who asked: the user’s id stays on spans', {
  atMost: 20,
});
export const status = label('status', 'How it ended', ['success', 'failure', 'cancelled']);
export const sourceCommand = label('source.command', 'The command or agent that passed it on', { atMost: 200 });
export const targetModule = label('target.module', 'The module it was passed to', { atMost: 100 });
export const gateType = label('gate.type', 'Which gate', { atMost: 50 });
export const gateStatus = label('status', 'Its verdict', ['passed', 'failed', 'error']);
export const gateSeverity = label('severity', 'What a failed one means', ['info', 'warning', 'blocking']);
export const moduleCategory = label('module.category', 'Which part of the code', { atMost: 50 });
export const projectType = label('project.type', 'Which kind of project', { atMost: 20 });
export const issueType = label('issue.type', 'Bug, feature …', { atMost: 20 });
export const autoCreated = label('auto.created', 'Opened by an agent, not by a person', ['true', 'false']);
export const githubOperation = label('github.operation', 'What was asked of GitHub, e.g. `create_issue`', {
  atMost: 50,
});
export const operationType = label('operation.type', 'Which operation', { atMost: 50 });
export const resourceSize = label('resource.size', 'How big the thing was', ['small', 'medium', 'large', 'xlarge']);

export const commandExecutions = counter('command.executions', {
  unit: '{command}',
  means: 'Commands that have ended.',
  labels: [commandType, userClass, status],
  source: { id: 'T05', name: 'command_executions_total' },
});

export const commandDuration = histogram('command.duration', {
  unit: 's',
  means: 'From command to response.',
  labels: [commandType, complexity],
  buckets: workSeconds,
  source: { id: 'T05', name: 'command_duration_seconds' },
});

export const moduleDelegations = counter('module.delegation.count', {
  unit: '{delegation}',
  means: 'Work passed on to a module or an agent.',
  labels: [sourceCommand, targetModule, status],
  source: { id: 'T05', name: 'module_delegation_count' },
});

export const moduleLoads = counter('module.loads', {
  unit: '{load}',
  means: 'Modules loaded; `status="failure"` did not come up.',
  labels: [targetModule, status],
  source: { id: 'A17' },
});

export const qualityGateChecks = counter('quality.gate.checks', {
  unit: '{check}',
  means: 'Quality gates run.',
  labels: [gateType, gateStatus, gateSeverity],
  source: { id: 'T05', name: 'quality_gate_checks_total' },
});

export const testCoverage = gauge('test.coverage', {
  unit: '1',
  means: 'Share of the code that tests run through, 0 to 1.',
  labels: [moduleCategory, projectType],
  source: { id: 'T05', name: 'test_coverage_percentage' },
});

export const githubIssuesCreated = counter('github.issues.created', {
  unit: '{issue}',
  means: 'Issues opened.',
  labels: [issueType, complexity, autoCreated],
  source: { id: 'T05', name: 'github_issues_created_total' },
});

export const githubRequests = counter('github.requests', {
  unit: '{request}',
  means: 'Requests to GitHub.',
  labels: [githubOperation, outcome],
  source: { id: 'A16' },
});

export const responseTime = histogram('response.time', {
  unit: 's',
  means: 'Response times of operations users wait for.',
  labels: [operationType, resourceSize],
  buckets: answerSeconds,
  source: { id: 'T05', name: 'response_time_seconds' },
});

export const commandTypeName = key('framework.command.type', 'string', 'The command');
export const commandComplexity = key('framework.command.complexity', 'string', 'How much it asks for');
export const commandId = key('framework.command.id', 'string', 'One command');
export const enterpriseId = key('framework.user.enterprise_id', 'string', 'Whose command it is');
export const delegations = key('framework.module.delegations', 'int', 'How often it was passed on');
export const gatesExecuted = key('framework.quality.gates.executed', 'int', 'How many gates ran');
export const githubActive = key('framework.github.integration.active', 'boolean', 'Whether GitHub was asked');
export const targetMs = key('response.time.target_ms', 'double', 'The promise, in ms');
export const actualMs = key('response.time.actual_ms', 'double', 'What it took, in ms');
export const slaMet = key('performance.sla.met', 'boolean', 'Whether the promise was kept');
export const peakCpu = key('resource.utilization.peak_cpu', 'double', 'Share of one core, 0 to 1 and beyond');
export const peakMemory = key('resource.utilization.peak_memory', 'double', 'Resident memory in bytes at the highest');
export const gateDetail = key('framework.quality.gate.detail', 'string', 'What it found');

export const commandExecute = span('command.execute', {
  means: 'One command, from the request to the response. Its steps are its children.',
  attributes: [
    commandId,
    commandTypeName,
    commandComplexity,
    frameworkSessionType,
    userClass,
    enterpriseId,
    delegations,
    gatesExecuted,
    githubActive,
    targetMs,
    actualMs,
    slaMet,
    peakCpu,
    peakMemory,
    status,
    errorType,
  ],
  source: 'S08',
});

export const commandAuthenticate = span('command.authenticate', {
  means: 'Who asks.',
  attributes: [commandTypeName, outcome, errorType],
  source: 'S08',
});

export const commandParse = span('command.parse', {
  means: 'What is asked.',
  attributes: [commandTypeName, errorType],
  source: 'S08',
});

export const commandRespond = span('command.respond', {
  means: 'The answer written.',
  attributes: [commandTypeName, errorType],
  source: 'S08',
});

export const moduleDelegate = span('module.delegate', {
  means: 'Work passed on to a module or an agent; may nest.',
  attributes: [commandTypeName, targetModule, status, errorType],
  source: 'S08',
});

export const qualityGateSpan = span('quality.gate', {
  means: 'One quality gate.',
  attributes: [gateType, gateStatus, gateSeverity, gateDetail, errorType],
  source: 'S08',
});

export const githubSpan = span('github.{operation}', {
  means: 'One request to GitHub: an issue, a commit.',
  kind: 'client',
  attributes: [githubOperation, issueType, autoCreated, outcome, errorType],
  source: 'S08',
});
