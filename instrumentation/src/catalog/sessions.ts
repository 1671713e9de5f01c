import { key, label } from './attribute.ts';
import { outcome } from './attributes.ts';
import { histogram, upDownCounter } from './metric.ts';
import { span } from './span.ts';

export const sessionType = label('session.type', 'Which kind of session', { atMost: 20 });
export const agentCount = label('agent.count', 'How many agents took part, in steps', ['0', '1', '2-5', '6-20', '21+']);

export const sessionDuration = histogram('session.duration', {
  unit: 's',
  means: 'Length of a session.',
  labels: [sessionType, agentCount, outcome],
  buckets: [10, 60, 300, 600, 1800, 3600, 7200, 14_400, 28_800],
  source: { id: 'T05', name: 'session_duration_seconds' },
});

export const concurrentSessions = upDownCounter('concurrent.sessions.active', {
  unit: '{session}',
  means: 'Sessions open now.',
  labels: [sessionType],
  source: { id: 'T06', name: 'concurrent_sessions_active' },
});

export const userFeedback = histogram('user.feedback.score', {
  unit: '1',
  means: 'What users said, 0 (useless) to 1 (perfect).',
  labels: [sessionType],
  buckets: [0.2, 0.4, 0.6, 0.8, 1],
  source: { id: 'A18' },
});

export const frameworkSessionType = key('framework.session.type', 'string', 'Which kind of session');
export const sessionId = key('session.id', 'string', 'One session');
export const userId = key('user.id', 'string', 'Whose session it is');

export const sessionSpan = span('session', {
  means: 'One session of a user or of agents working together.',
  attributes: [sessionId, frameworkSessionType, agentCount, userId, outcome],
  source: 'S08',
});
