import type { ValueOf } from '../catalog/attribute.ts';
import {
  memoryAccessDuration,
  memoryAccessSpan,
  type memoryLayer,
  type memoryOperation,
  memorySimilarity,
} from '../catalog/memory.ts';
import { given } from './given.ts';
import { harmless } from './guard.ts';
import { record } from './record.ts';
import { run } from './run.ts';
import { currentScope } from './scope.ts';

export interface MemoryOptions {
  layer: ValueOf<typeof memoryLayer>;
  operation: ValueOf<typeof memoryOperation>;
  /** How it is looked for, e.g. `vector`, `key`. */
  pattern?: string;
}

export interface MemoryAccess {
  /** How many were found, and how well the best one matched, 0 to 1. */
  found(results: number, similarity?: number): void;
}

/** One access to an agent's memory. (S10) */
export function memoryAccess<T>(options: MemoryOptions, fn: (access: MemoryAccess) => T): T {
  const { agentName } = currentScope();
  const { layer, operation, pattern } = given(options);
  const labels = { 'memory.layer': layer };
  return run(
    {
      declaration: memoryAccessSpan,
      attributes: {
        'agent.name': agentName,
        ...labels,
        'memory.operation': operation,
        'memory.access.pattern': pattern,
      },
      onEnd: ({ seconds, errorType }) =>
        record(memoryAccessDuration, seconds, {
          'agent.name': agentName,
          ...labels,
          'memory.operation': operation,
          'error.type': errorType,
        }),
    },
    (span) =>
      fn({
        found: harmless((results, similarity) => {
          span.set({ 'memory.results': results, 'memory.similarity.score': similarity });
          if (similarity !== undefined) record(memorySimilarity, similarity, labels);
        }),
      }),
  );
}
