import { setTimeout as delay } from 'node:timers/promises';
import { getJson } from '../../doctor/ask.ts';

/** One alert, as Alertmanager had it: `AgentSilent high`, with the labels that say what it is about. */
export interface Spell {
  alert: string;
  about: string;
  /** Seconds since the epoch; `to` is infinite while it lasts. */
  from: number;
  to: number;
}

interface Posted {
  labels: Record<string, string>;
  status: { state: string };
}

/** Looks every half second at what Alertmanager has, hidden alerts included, until the signal. */
export async function watchAlerts(alertmanager: string, signal: AbortSignal): Promise<Spell[]> {
  const spells: Spell[] = [];
  const lasting = new Map<string, Spell>();
  while (!signal.aborted) {
    const now = Date.now() / 1000;
    const posted = ((await getJson(`${alertmanager}/api/v2/alerts`)) as Posted[]).map(({ labels }) => labels);
    const there = new Set(posted.map((labels) => JSON.stringify(labels)));
    for (const labels of posted) {
      const key = JSON.stringify(labels);
      if (lasting.has(key)) continue;
      const { alertname, severity, team: _, ...about } = labels;
      const spell = { alert: `${alertname} ${severity}`, about: JSON.stringify(about), from: now, to: Infinity };
      lasting.set(key, spell);
      spells.push(spell);
    }
    for (const [key, spell] of lasting) {
      if (there.has(key)) continue;
      spell.to = now;
      lasting.delete(key);
    }
    await delay(500);
  }
  return spells;
}
