/** What `npm run memory -- reprice|reconcile` is: added to its program by scripts/memory-cost.ts. (B05) */
import type { CostCommand } from './cost-command.ts';
import { reconcileCommand } from './reconcile-command.ts';
import { repriceCommand } from './reprice-command.ts';

export const costCommands: readonly CostCommand[] = [repriceCommand, reconcileCommand];
