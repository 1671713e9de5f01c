import { stripVTControlCharacters, styleText } from 'node:util';
import { type Counted, sumOf } from '../counts.ts';

/** Numbers of a run, for people. */
export interface Figures {
  done: number;
  failed: number;
  calledOff: number;
  tasks: number;
  modelCalls: number;
  tokens: number;
  usd: number;
  pendingApprovals: number;
}

export function figuresOf(counted: Counted): Figures {
  const approvals = (ends: string) => sumOf(counted, 'approvals', { ends });
  return {
    done: sumOf(counted, 'workflows', { ends: ' success' }),
    failed: sumOf(counted, 'workflows', { ends: ' failure' }),
    calledOff: sumOf(counted, 'workflows', { ends: ' cancelled' }),
    tasks: sumOf(counted, 'tasks'),
    modelCalls: sumOf(counted, 'models'),
    tokens: sumOf(counted, 'tokens'),
    usd: sumOf(counted, 'usd'),
    pendingApprovals: ['approved', 'rejected', 'cancelled'].reduce(
      (pending, decision) => pending - approvals(` ${decision}`),
      approvals(' requested'),
    ),
  };
}

/** One line of where a run stands. */
export function progressText(figures: Figures, { seconds, active }: { seconds: number; active: number }): string {
  const { done, failed, tasks, modelCalls, tokens, usd, pendingApprovals } = figures;
  return [
    `${Math.floor(seconds)} s`,
    `workflows ${done} done, ${failed} failed, ${active} active`,
    `${pendingApprovals} approvals pending`,
    `${tasks} tasks`,
    `${modelCalls} model calls`,
    `${tokens} tokens`,
    `USD ${usd.toFixed(4)}`,
  ].join(' · ');
}

export interface Progress {
  /** A line that stays. */
  line(text: string): void;
  /** Where the run stands: rewrites itself on a terminal, a plain line now and then otherwise. */
  status(text: string): void;
  /** Nothing more comes: the terminal is left on a new line. */
  end(): void;
}

const plainEveryMs = 15_000;

export function progressOn(stream: NodeJS.WriteStream, now: () => number = Date.now): Progress {
  let isOpen = false;
  let lastAt = now();
  const line = (text: string) => {
    stream.write(`${isOpen ? '\r\x1b[2K' : ''}${text}\n`);
    isOpen = false;
  };
  return {
    line,
    status(text) {
      if (stream.isTTY) {
        const short = stripVTControlCharacters(text).slice(0, (stream.columns ?? 80) - 1);
        stream.write(`\r\x1b[2K${styleText('dim', short, { stream })}`);
        isOpen = true;
      } else if (now() - lastAt >= plainEveryMs) {
        lastAt = now();
        line(text);
      }
    },
    end() {
      if (isOpen) stream.write('\n');
      isOpen = false;
    },
  };
}
