/** In which ways a kind of work was done on a day: how many tasks at once, and with which tools. Added up in any order it comes to the same. */
import type { AgentExecution, Step } from '../../ledger/record.ts';
import { Histogram } from '../../store/histogram.ts';
import type { BatchDay, ToolsetDay, WayDay } from '../record.ts';
import { least } from './sums.ts';

/** Combinations of a kind of work that a day tells of, the most frequent: who always uses other tools is no pattern. */
const mostToolsets = 12;

export class Ways {
  readonly #batches = new Map<number, Way>();
  readonly #toolsets = new Map<string, Way>();

  add(row: AgentExecution, isFailed: boolean, sessionId: string, { tasks, tools }: Used): void {
    if (tasks.size > 0)
      count(this.#batches, 2 ** Math.floor(Math.log2(tasks.size)), row, isFailed, sessionId, tasks.size);
    if (tools.size > 0) count(this.#toolsets, JSON.stringify([...tools].sort()), row, isFailed, sessionId, 1);
  }

  batches(): BatchDay[] {
    return [...this.#batches].sort(([a], [b]) => a - b).map(([size, way]) => ({ size, ...dayOf(way) }));
  }

  toolsets(): ToolsetDay[] {
    return [...this.#toolsets]
      .sort(([a, one], [b, other]) => other.ended - one.ended || (a < b ? -1 : 1))
      .slice(0, mostToolsets)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([tools, way]) => ({ tools: JSON.parse(tools) as string[], ...dayOf(way) }));
  }
}

/** Of one execution: its tasks by their ids, its tools by their names. */
export class Used {
  readonly tasks = new Set<string>();
  readonly tools = new Set<string>();

  step({ kind, id, name, details }: Step): void {
    // A task that was tried again is still one.
    if (kind === 'task') this.tasks.add(String(details.task_id ?? id));
    else if (kind === 'tool') this.tools.add(name);
  }
}

interface Way {
  ended: number;
  failed: number;
  readonly costs: Histogram;
  readonly well: { at: string; id: string }[];
  readonly wrong: { at: string; id: string }[];
}

function count<K>(ways: Map<K, Way>, key: K, row: AgentExecution, isFailed: boolean, id: string, tasks: number): void {
  const way = ways.get(key) ?? { ended: 0, failed: 0, costs: new Histogram(), well: [], wrong: [] };
  ways.set(key, way);
  way.ended++;
  if (isFailed) way.failed++;
  if (row.cost_micro_usd !== null) way.costs.add(row.cost_micro_usd / tasks, 1);
  least(isFailed ? way.wrong : way.well, { at: row.started_at, id }, 1);
}

function dayOf({ ended, failed, costs, well, wrong }: Way): WayDay {
  const ids = (named: Way['well']) => named.map(({ id }) => id);
  return { ended, failed, costs: costs.toString(), went_well: ids(well), went_wrong: ids(wrong) };
}
