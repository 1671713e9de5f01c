/**
 * The fleet API: what `@fleetscope/instrumentation` exports. Each call runs its function exactly once, gives back what it
 * returned or threw, and does nothing else where no SDK is registered. (S01–S10)
 */
// biome-ignore lint/performance/noBarrelFile: the one entry of the package.
export { agent } from './fleet/agent.ts';
export { type AgentTrace, type Decision, decisionTree } from './fleet/agent-trace.ts';
export {
  type ApprovalTicket,
  approval,
  decideApproval,
  escalateApproval,
  requestApproval,
  resumeApprovals,
  type Verdict,
} from './fleet/approval.ts';
export { extract, handle, inject, type Message, MessageBus } from './fleet/bus.ts';
export { command } from './fleet/command.ts';
export { type Deciding, decision } from './fleet/decision.ts';
export {
  delegate,
  github,
  moduleLoaded,
  qualityGate,
  recordResponseTime,
  recordTestCoverage,
} from './fleet/delegate.ts';
export { code, execution } from './fleet/execution.ts';
export { heartbeat } from './fleet/heartbeat.ts';
export { type LlmCall, llmCall, type Usage } from './fleet/llm-call.ts';
export { log } from './fleet/log.ts';
export { memoryAccess } from './fleet/memory-access.ts';
export { queue } from './fleet/queue.ts';
export { database, health, observeMemory, observePool, observeUtilization, operation } from './fleet/resources.ts';
export { auditViolation, authentication, escalatePermission, skillAccess } from './fleet/security.ts';
export { session } from './fleet/session.ts';
export { type Task, task } from './fleet/task.ts';
export { tool } from './fleet/tool.ts';
export { workflow } from './fleet/workflow.ts';
