import { key } from './attribute.ts';
import { errorType } from './attributes.ts';
import { event } from './event.ts';
import { component } from './resources.ts';
import { sessionId, userId } from './sessions.ts';

export const command = key('command', 'string', 'What was being done');
export const errorMessage = key('error.message', 'string', 'What went wrong');
export const stackTrace = key('exception.stacktrace', 'string', 'Where');
export const recoveryAction = key('recovery.action', 'string', 'What was done about it');
export const impact = key('impact', 'string', 'Who or what suffers from it');
export const startedVersion = key('service.version', 'string', 'The version that runs now');

export const record = event('fleet.log', {
  severity: 'info',
  means: 'The structured record of `log`: level and time are those of the record, trace and span its context.',
  attributes: [component, command, userId, sessionId, errorType, errorMessage, stackTrace, recoveryAction, impact],
  source: 'I05',
});

export const started = event('service.started', {
  severity: 'info',
  means: 'A process of the service came up: a deployment, or a restart.',
  attributes: [startedVersion],
  source: 'D11',
});
