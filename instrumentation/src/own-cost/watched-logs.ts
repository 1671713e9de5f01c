import type { Logger, LoggerProvider } from '@opentelemetry/api';
import { guardCalls } from '../call-guard.ts';
import type { CostClock } from './cost-clock.ts';
import { type Gate, isBridge } from './gate.ts';

/** The logger provider that the program sees: records as the gate lets them through, their cost on the clock. */
export function watchLogs<Provider extends LoggerProvider & { forceFlush(): Promise<void> }>(
  provider: Provider,
  gate: Gate,
  clock: CostClock,
): LoggerProvider & Pick<Provider, 'forceFlush'> {
  return {
    getLogger(name, version, options): Logger {
      const logger = provider.getLogger(name, version, options);
      const bridge = isBridge(name);
      const work = bridge ? 'bridged record' : 'own record';
      const admitted = () => {
        if (gate.admitsLogs(bridge)) return true;
        clock.refuse(work);
        return false;
      };
      const watched: Logger = {
        enabled: (record) => admitted() && logger.enabled(record),
        emit(record) {
          if (!admitted()) return;
          if (clock.count(work)) clock.time(work, () => logger.emit(record));
          else logger.emit(record);
        },
      };
      guardCalls(watched, ['emit']);
      return watched;
    },
    forceFlush: () => provider.forceFlush(),
  };
}
