/** Which alerts each class of trouble has, in the words of the order: a hook that is `on` a remedy is on all of these. (X04) */
export const remedies = {
  /** Work fails: stop taking more of it, keep away from what breaks. */
  high_error_rate: [
    'FleetErrorRateHigh',
    'AgentErrorRateHigh',
    'AgentRetryStorm',
    'ApiErrorRateHigh',
    'CommandFailureRateHigh',
    'DelegationFailuresHigh',
    'GateFailuresHigh',
    'GitHubFailuresHigh',
    'ServicePartFailing',
    'SessionFailuresHigh',
    'ToolFailuresHigh',
    'WorkflowFailureRateHigh',
  ],
  /** Work is late: give it more room, or less to do. */
  performance_degradation: [
    'AgentTasksSlow',
    'ApiLatencyHigh',
    'FleetTasksSlow',
    'FleetTasksSlowing',
    'RuntimeEventLoopLagging',
    'WorkflowSlow',
    'WorkflowStuck',
  ],
  /** Something runs out: room, quota, money. */
  resource_exhaustion: [
    'ApiRateLimitNear',
    'CollectorQueueFilling',
    'CostBudgetExceeded',
    'CostRunRateHigh',
    'QueueBacklogHigh',
    'ServiceUtilizationHigh',
    'StackDiskFilling',
    'TokenUsageHigh',
  ],
} as const satisfies Record<string, readonly string[]>;

export type Remedy = keyof typeof remedies;
