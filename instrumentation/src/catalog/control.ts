import { key, label } from './attribute.ts';
import { event } from './event.ts';
import { counter, gauge } from './metric.ts';

export const controlAction = label('fleet.control.action', 'What was ordered', [
  'pause',
  'resume',
  'capacity',
  'throttle',
  'circuit-breaker',
  'fallback',
]);
export const controlCause = label('fleet.control.cause', 'Somebody ordered it, or the time of an order was up', [
  'order',
  'expiry',
]);
export const circuitName = label('fleet.circuit_breaker.name', 'What is kept away from, e.g. a tool', { atMost: 100 });
export const fallbackName = label('fleet.fallback.name', 'What is stood in for, e.g. `model`', { atMost: 100 });

export const controlName = key('fleet.control.name', 'string', 'Which circuit breaker or fallback');
export const controlValue = key('fleet.control.value', 'string', 'What it is now; nothing: as usual');
export const controlBy = key('fleet.control.by', 'string', 'Who ordered it');
export const controlReason = key('fleet.control.reason', 'string', 'Why');
export const controlUntil = key('fleet.control.until', 'string', 'When it ends by itself, as ISO 8601');

const source = { id: 'X04' };
const steered = 'an order to the fleet';

export const fleetPaused = gauge('fleet.paused', {
  unit: '1',
  means: '1 while the fleet takes no work because it was told so, else 0.',
  labels: [],
  source,
});

export const fleetCapacity = gauge('fleet.capacity', {
  unit: '{task}',
  means: 'Tasks that the fleet works on at once, at most.',
  labels: [],
  source,
});

export const fleetThrottle = gauge('fleet.throttle', {
  unit: '{task}',
  means: 'Tasks that the fleet begins in a minute, at most; 0 without a limit.',
  labels: [],
  source,
});

export const circuitOpen = gauge('fleet.circuit_breaker.open', {
  unit: '1',
  means: '1 while nothing passes, 0.5 while one call in ten does, 0 when it is closed again.',
  labels: [circuitName],
  source,
  needs: steered,
});

export const fallbackActive = gauge('fleet.fallback.active', {
  unit: '1',
  means: '1 while something stands in for it, 0 when it is as usual again.',
  labels: [fallbackName],
  source,
  needs: steered,
});

export const controlOrders = counter('fleet.control.orders', {
  unit: '{order}',
  means: 'Orders that changed how the fleet works, and those whose time was up.',
  labels: [controlAction, controlCause],
  source,
  needs: steered,
});

export const controlled = event('audit.fleet.control', {
  severity: 'warn',
  means: 'The fleet works otherwise from now on: who ordered it, why, and until when.',
  attributes: [controlAction, controlCause, controlName, controlValue, controlBy, controlReason, controlUntil],
  source: 'X04',
});
