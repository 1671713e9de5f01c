/** What `npm run monitor` can do. Each command gives what machines get, and what people read. */
import type { Command } from './command.ts';
import { compareTwo } from './compare.ts';
import { cost } from './cost.ts';
import { estimate } from './estimate.ts';
import { exportRuns } from './export.ts';
import { losses } from './losses.ts';
import { failures, health, performance } from './reports.ts';
import { agent, executions, list } from './runs.ts';
import { show } from './show.ts';
import { trends } from './trend.ts';
import { check, cleanup } from './upkeep.ts';
import { drawWaterfall } from './waterfall.ts';

export const commands: readonly Command[] = [
  ...[list, show, executions, drawWaterfall, agent],
  ...[health, performance, failures, losses, cost, compareTwo, trends, estimate],
  ...[exportRuns, cleanup, check],
];
