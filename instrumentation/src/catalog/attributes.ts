/** Attributes that several domains share. Those of one domain stand in its own file. */
import { key, label } from './attribute.ts';

export const agentName = label('agent.name', 'The agent that did it, e.g. `director`', { atMost: 200 });

export const workflowName = label('workflow.name', 'The workflow it belongs to', { atMost: 100 });

export const taskType = label('task.type', 'What kind of task, e.g. `review`', { atMost: 100 });

export const outcome = label('outcome', 'How it ended', ['success', 'failure', 'cancelled']);

export const errorType = label('error.type', 'Class or code of the error', {
  atMost: 100,
  absentWhen: 'it succeeded',
});

export const agentId = key('agent.id', 'string', 'One running instance of the agent');

export const taskId = key('agent.task.id', 'string', 'One task');

export const workflowId = key('workflow.id', 'string', 'One run of the workflow');

export const genAiAgentName = key('gen_ai.agent.name', 'string', 'The agent, by the name of the GenAI conventions');

export const genAiAgentId = key('gen_ai.agent.id', 'string', 'The instance, by the name of the GenAI conventions');

/** Seconds. From a quick look-up to an agent that works for ten minutes. */
export const workSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600] as const;

/** Seconds. From an HTTP answer to a slow page; the bounds of the HTTP conventions. */
export const answerSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;

/** Seconds. A call of a model or a tool; the bounds of the GenAI conventions. */
export const callSeconds = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
] as const;

/** A score from 0 to 1. */
export const scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1] as const;

/** Seconds. From a click to a week: people answer when they are there. */
export const humanSeconds = [1, 5, 15, 30, 60, 120, 300, 900, 3600, 14_400, 86_400, 604_800] as const;
