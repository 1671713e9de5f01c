import { key, label } from './attribute.ts';
import { answerSeconds, errorType } from './attributes.ts';
import { counter, gauge, histogram } from './metric.ts';
import { span } from './span.ts';

export const destination = label('messaging.destination.name', 'Whom or what it is addressed to', { atMost: 100 });
export const sender = label('message.sender', 'The agent that sent it', { atMost: 200 });
export const queueName = label('queue.name', 'The queue', { atMost: 100 });

export const sentMessages = counter('messaging.client.sent.messages', {
  unit: '{message}',
  means: 'Messages between agents: the edges of the collaboration graph.',
  labels: [sender, destination],
  source: { id: 'S07' },
});

export const processDuration = histogram('messaging.process.duration', {
  unit: 's',
  means: 'Time a receiver spent on one message.',
  labels: [destination, errorType],
  buckets: answerSeconds,
  source: { id: 'S07' },
});

export const queueDepth = gauge('queue.depth', {
  unit: '{item}',
  means: 'How many wait now.',
  labels: [queueName],
  source: { id: 'T08' },
});

export const queueWaitTime = histogram('queue.wait_time', {
  unit: 's',
  means: 'How long one waited before its work began.',
  labels: [queueName],
  buckets: [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800],
  source: { id: 'T08' },
});

export const messageId = key('messaging.message.id', 'string', 'One message');
export const conversationId = key(
  'messaging.message.conversation_id',
  'string',
  'What ties messages together: the run of the workflow',
);

export const send = span('send {destination}', {
  means: 'A message handed over. Its headers carry the trace.',
  kind: 'producer',
  attributes: [destination, sender, messageId, conversationId],
  source: 'S07',
});

export const processMessage = span('process {destination}', {
  means: 'A message worked on, in the trace of who sent it.',
  kind: 'consumer',
  attributes: [destination, sender, messageId, conversationId, errorType],
  source: 'S07',
});
