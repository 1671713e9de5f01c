import type { App } from './app.ts';
import { started } from './catalog/service.ts';
import { emit } from './fleet/emit.ts';
import { recordProcess } from './process-metrics.ts';

/** What is recorded of every service: that it came up, which marks deployments and restarts, and what its process uses. */
export function recordService({ name = 'this process', version }: App): void {
  emit(started, `Started ${name}${version ? ` ${version}` : ''}`, { 'service.version': version });
  recordProcess();
}
