import { key, label } from './attribute.ts';
import { agentId, agentName, scores, taskId } from './attributes.ts';
import { counter, histogram } from './metric.ts';
import { span } from './span.ts';

export const decisionName = label('agent.decision.name', 'What was decided, e.g. `choose_model`', { atMost: 100 });
export const decisionReasoning = key('agent.decision.reasoning', 'string', 'Why, in the words the agent gave');
export const decisionAlternatives = key('agent.decision.alternatives', 'string[]', 'What there was to choose from');
export const decisionFinalChoice = key('agent.decision.final_choice', 'string', 'What was chosen');
export const decisionConfidence = key('agent.decision.confidence', 'double', 'How sure the agent was, 0 to 1');
export const decisionInputTokens = key('agent.decision.token_usage.input', 'int', 'Input tokens spent on it');
export const decisionOutputTokens = key('agent.decision.token_usage.output', 'int', 'Output tokens spent on it');

export const agentDecisions = counter('agent.decisions', {
  unit: '{decision}',
  means: 'Decisions agents took.',
  labels: [agentName, decisionName],
  source: { id: 'S05' },
});

export const agentDecisionConfidence = histogram('agent.decision.confidence', {
  unit: '1',
  means: 'Confidence agents gave for their decisions, 0 to 1.',
  labels: [agentName, decisionName],
  buckets: scores,
  source: { id: 'S05' },
});

export const agentDecide = span('agent.decide', {
  means: 'One decision. Decisions inside it are its children: together they are the tree of a task.',
  attributes: [
    agentName,
    agentId,
    taskId,
    decisionName,
    decisionReasoning,
    decisionAlternatives,
    decisionFinalChoice,
    decisionConfidence,
    decisionInputTokens,
    decisionOutputTokens,
  ],
  source: 'S05',
});
