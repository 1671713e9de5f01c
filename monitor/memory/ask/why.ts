/** `ask why`: what was decided, by what, and what came of it. (M06) */
import type { Screen } from '../../cli/command.ts';
import { listed } from '../../cli/facts.ts';
import { oneLine, share, when } from '../../words.ts';
import type { Decision } from '../record.ts';
import type { Question } from './question.ts';

export const why: Question = {
  usage: 'why <decision>',
  description: 'why an agent decided so, on which data, and what came of it; the id of a decision',
  async answer({ memory, args: [given = ''], screen }) {
    const id = given.replace(/^decision:/, '');
    const found = await memory.decision(id);
    if (!found)
      throw new Error(
        `Cannot find the decision "${oneLine(id)}": none has that id. "npm run monitor -- show day:<day>" lists those of a day.`,
      );
    return {
      json: found,
      columns: [
        ...['id', 'date', 'at', 'agent_name', 'session_id', 'name', 'choice', 'confidence', 'reasoning', 'supporting'],
        ...['outcome', 'outcome_at'],
      ],
      rows: [{ ...found }],
      text: decisionText(found, screen),
    };
  },
};

export function decisionText(decision: Decision, screen: Screen): string {
  const at = (iso: string) => when(iso, { now: 0, absolute: true });
  const { name, choice, confidence, reasoning, supporting, outcome, outcome_at, agent_name, session_id } = decision;
  const data = Object.entries(supporting).map(([key, value]) => `${oneLine(key)} = ${oneLine(String(value))}`);
  const came = { success: 'it went well', failure: 'it failed', unknown: 'not known when the day was closed' }[outcome];
  return listed(
    [
      ['decided', `${oneLine(name)}: ${screen.paint('bold', oneLine(choice ?? 'nothing was chosen'))}`],
      ['when', at(decision.at)],
      ['by', oneLine(agent_name ?? 'not known')],
      ['run', oneLine(session_id ?? 'not known')],
      ['why', oneLine(reasoning ?? 'it gave no reason')],
      ['sure by', confidence === null ? 'it did not say' : share(confidence)],
      ['data', data.length === 0 ? 'none was kept' : data.join(', ')],
      ['came of it', `${came}${outcome_at ? `, ${at(outcome_at)}` : ''}`],
    ],
    screen,
  );
}
