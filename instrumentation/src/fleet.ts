/**
 * The fleet API: what `@fleetscope/instrumentation` exports. Each call runs its function exactly once, gives back what it
 * returned or threw, and does nothing else where no SDK is registered. (S01–S10)
 */
// biome-ignore lint/performance/noBarrelFile: the one entry of the package.
export { type Usage, usageOf } from './cost/usage.ts';
export { type AgentOptions, agent } from './fleet/agent.ts';
export { type AgentTrace, type Decision, decisionTree, type TokenUsage } from './fleet/agent-trace.ts';
export {
  type ApprovalOptions,
  type ApprovalTicket,
  approval,
  decideApproval,
  escalateApproval,
  releaseApproval,
  requestApproval,
  resumeApprovals,
  type Verdict,
} from './fleet/approval.ts';
export {
  type BusOptions,
  extract,
  type Headers,
  handle,
  inject,
  type Message,
  MessageBus,
  type ReceiverOptions,
} from './fleet/bus.ts';
export { type Command, type CommandOptions, command } from './fleet/command.ts';
export { type ControlOptions, type FleetControl, fleetControl } from './fleet/control.ts';
export type { BreakerState, Order, OrderOptions, Standing } from './fleet/control-order.ts';
export { type ControlServer, type ControlServerOptions, controlServer } from './fleet/control-server.ts';
export { type Choice, type Deciding, type DecisionOptions, decision } from './fleet/decision.ts';
export {
  delegate,
  type Gate,
  type GateOptions,
  type GithubOptions,
  github,
  moduleLoaded,
  qualityGate,
  recordResponseTime,
  recordTestCoverage,
} from './fleet/delegate.ts';
export {
  type CodeOptions,
  type CodeWork,
  code,
  type Execution,
  type ExecutionOptions,
  execution,
} from './fleet/execution.ts';
export { heartbeat } from './fleet/heartbeat.ts';
export { type LlmCallOptions, llmCall } from './fleet/llm-call.ts';
export { type LogDetails, log } from './fleet/log.ts';
export { type MemoryAccess, type MemoryOptions, memoryAccess } from './fleet/memory-access.ts';
export type { Fallback, LlmCall } from './fleet/model-call.ts';
export { queue } from './fleet/queue.ts';
export type { RateLimit } from './fleet/rate-limit.ts';
export {
  type DatabaseOptions,
  database,
  health,
  observeMemory,
  observePool,
  observeUtilization,
  operation,
} from './fleet/resources.ts';
export {
  auditViolation,
  authentication,
  escalatePermission,
  type PermissionRequest,
  type SkillAccess,
  skillAccess,
  type Violation,
} from './fleet/security.ts';
export { type Session, type SessionOptions, session } from './fleet/session.ts';
export { type Task, type TaskOptions, task } from './fleet/task.ts';
export { type ToolCall, type ToolOptions, tool } from './fleet/tool.ts';
export { type WorkflowOptions, workflow } from './fleet/workflow.ts';
