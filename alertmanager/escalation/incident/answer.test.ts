import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import { Refused } from './event.ts';
import { policy, trial } from './testing/shipped.ts';

describe('answers', () => {
  test('X02 what cannot be done is refused with the reason', () => {
    const it = trial();
    it.fires('critical');
    it.happens({ kind: 'acknowledge', by: 'anna', via: 'link' });
    const refusal = (act: () => unknown) => {
      try {
        act();
      } catch (error) {
        expect(error).toBeInstanceOf(Refused);
        return (error as Error).message;
      }
      return 'not refused';
    };
    const who = { by: 'ben', via: 'api' } as const;
    expect(refusal(() => it.happens({ kind: 'acknowledge', ...who }))).toBe(
      'Cannot acknowledge 20260105-090000-test: anna has done so. Assign it if somebody else takes it.',
    );
    expect(refusal(() => it.happens({ kind: 'snooze', until: it.now, ...who }))).toContain('is over. Name a time');
    expect(refusal(() => it.happens({ kind: 'note', text: ' ', ...who }))).toContain('the note is empty');
    it.happens({ kind: 'resolve', ...who });
    expect(refusal(() => it.happens({ kind: 'assign', to: 'anna', ...who }))).toBe(
      'Cannot assign 20260105-090000-test: ben resolved it at 2026-01-05T09:00:00.000Z. If it fires again it opens again.',
    );
    expect(refusal(() => decide(policy, undefined, { kind: 'tick' }, 0))).toContain('no such incident');
  });

  test('X02 who is given an incident hears of it by their own contacts', () => {
    const it = trial();
    it.fires('critical');
    it.news();
    it.happens({ kind: 'assign', to: 'carla', by: 'anna', via: 'cli' });
    expect(it.news()).toEqual([
      '0s update slack',
      '0s update discord',
      '0s update slack carla',
      '0s update email carla',
    ]);
    expect(it.incident).toMatchObject({ state: 'open', assignee: 'carla' });
  });

  test('X06 everything that happens is written down: who, what, why', () => {
    const it = trial();
    const journal: string[] = [];
    const ids = new Set<string>();
    it.watch = ({ journal: entries }) => {
      for (const { id, who, what, why } of entries) {
        journal.push([who, what, ...(why ? [why] : [])].join(': '));
        ids.add(id);
      }
    };
    it.fires('critical');
    it.happens({ kind: 'note', text: 'I look', by: 'anna', via: 'cli' });
    it.happens({ kind: 'acknowledge', by: 'anna', via: 'link' });
    it.ends('critical');
    expect(journal).toEqual([
      ...[
        'alertmanager: opened',
        'alertmanager: alerts received',
        'policy: step taken',
        'slack: sent',
        'discord: sent',
      ],
      ...['anna: noted: by cli', 'anna: acknowledged: by link', 'slack: sent', 'discord: sent'],
      ...['alertmanager: alerts received', 'alertmanager: resolved: nothing fires any more'],
      ...['slack: sent', 'discord: sent'],
    ]);
    expect(ids.size).toBe(journal.length);
  });
});
