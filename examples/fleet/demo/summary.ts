import { type Counted, sumOf } from '../counts.ts';
import { figuresOf } from './progress.ts';
import type { DemoResult } from './run.ts';

const perDay = 24 * 60 * 60;

/** A run as rows of a table. */
export function summaryRows({ seconds, sent, counted, ledger }: DemoResult): string[][] {
  const { done, failed, calledOff, tasks, modelCalls, tokens, usd } = figuresOf(counted);
  const failedTasks = sumOf(counted, 'tasks', { ends: ' failure' });
  return [
    [
      'Sent',
      `${sent.requests} requests, ${sent.commands} commands, ${sent.refused} refused, in ${seconds.toFixed(0)} s`,
    ],
    ['Workflows', `${done} done, ${failed} failed, ${calledOff} called off`],
    ['Tasks', `${tasks}, of which ${failedTasks} failed`],
    ['Decisions', String(sumOf(counted, 'decisions'))],
    ['Model calls', `${modelCalls}, of which ${sumOf(counted, 'models', { ends: ' failure' })} failed`],
    ['Fallbacks', String(sumOf(counted, 'fallbacks'))],
    ['Tokens', String(tokens)],
    ['Cost', `USD ${usd.toFixed(4)}; at this rate USD ${((usd / seconds) * perDay).toFixed(2)} a day`],
    ['Tool calls', String(sumOf(counted, 'tools'))],
    ['Messages', String(sumOf(counted, 'messages'))],
    ['Executions', listOf(counted, 'executions')],
    ['Approvals', listOf(counted, 'approvals')],
    ['Skills denied', String(sumOf(counted, 'skills', { ends: ' denied' }))],
    [
      'Quality gates',
      `${sumOf(counted, 'gates', { ends: ' passed' })} passed, ${sumOf(counted, 'gates', { ends: ' failed' })} failed`,
    ],
    ...(ledger ? [['Ledger', `${ledger.reduce((sum, { calls }) => sum + calls, 0)} calls at the model server`]] : []),
  ];
}

function listOf(counted: Counted, group: string): string {
  const parts = Object.entries(counted[group] ?? {}).map(([what, number]) => `${number} ${what}`);
  return parts.join(', ') || 'none';
}
