import { randomUUID } from 'node:crypto';
import type { ValueOf } from '../catalog/attribute.ts';
import {
  workflowDuration,
  workflowExecute,
  workflowRuns,
  workflowsActive,
  type workflowTrigger,
} from '../catalog/workflows.ts';
import { given } from './given.ts';
import { add, hold, record } from './record.ts';
import { run, statuses } from './run.ts';

export interface WorkflowOptions {
  /** What the workflow is called: one of few. */
  name: string;
  /** Default: `manual`. */
  trigger?: ValueOf<typeof workflowTrigger>;
  /** This run. Default: a new UUID. */
  id?: string;
}

/** Runs a workflow: `workflow.execute`, the root that agents, tasks and calls hang under. (S01, T04) */
export function workflow<T>(options: WorkflowOptions, fn: (run: { readonly id: string }) => T): T {
  const { name, trigger = 'manual', id = randomUUID() } = given(options);
  const labels = { 'workflow.name': name };
  return run(
    {
      declaration: workflowExecute,
      attributes: {
        'workflow.id': id,
        'workflow.name': name,
        'gen_ai.workflow.name': name,
        'workflow.trigger': trigger,
      },
      scope: { workflowName: name, workflowId: id },
      giveBack: hold(workflowsActive, labels),
      onEnd({ outcome, seconds }, span) {
        const status = statuses[outcome];
        span.set({ 'workflow.status': status, 'workflow.duration.ms': seconds * 1000 });
        add(workflowRuns, 1, { ...labels, 'workflow.trigger': trigger, 'workflow.status': status });
        record(workflowDuration, seconds, { ...labels, 'workflow.status': status });
      },
    },
    () => fn({ id }),
  );
}
