import { key, label } from './attribute.ts';
import { agentName, answerSeconds, errorType, scores } from './attributes.ts';
import { histogram } from './metric.ts';
import { span } from './span.ts';

export const memoryLayer = label('memory.layer', 'Which memory', [
  'working',
  'short_term',
  'long_term',
  'episodic',
  'semantic',
  'procedural',
  'shared',
]);

export const memoryOperation = label('memory.operation', 'What was done', ['read', 'write', 'search', 'delete']);

export const memoryAccessDuration = histogram('memory.access.duration', {
  unit: 's',
  means: 'Time of one access to an agent’s memory.',
  labels: [agentName, memoryLayer, memoryOperation, errorType],
  buckets: answerSeconds,
  source: { id: 'S10' },
});

export const memorySimilarity = histogram('memory.similarity.score', {
  unit: '1',
  means: 'How well the best find of a search matched, 0 to 1.',
  labels: [memoryLayer],
  buckets: scores,
  source: { id: 'S10' },
});

export const memoryPattern = key('memory.access.pattern', 'string', 'How it was looked for, e.g. `vector`, `key`');
export const memoryResults = key('memory.results', 'int', 'How many were found');
export const similarityScore = key('memory.similarity.score', 'double', 'Of the best find, 0 to 1');

export const memoryAccessSpan = span('memory.access', {
  means: 'One access to an agent’s memory.',
  attributes: [agentName, memoryLayer, memoryOperation, memoryPattern, memoryResults, similarityScore, errorType],
  source: 'S10',
});
