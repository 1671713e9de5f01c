import { describe, expect, test } from 'vitest';
import { h, m, monday, noPeople, policy, s, trial } from './testing/shipped.ts';

describe('steps', () => {
  test('X03 an unanswered critical incident climbs from chat by mail and pager to a human and the executive', () => {
    const it = trial();
    it.fires('critical');
    it.passes(2 * h + 59 * m);
    expect(it.news()).toEqual([
      ...['0s slack', '0s discord', '5m email anna', '15m pagerduty', '1h slack carla', '1h email carla'],
      // The last step repeats, and after two hours somebody hears that it lasts.
      ...['2h slack carla', '2h email carla', '2h email dora'],
    ]);
    expect(it.passes(1 * m).state).toBe('open');
    expect(it.news()).toEqual(['3h slack carla', '3h email carla']);
  });

  test('X02 a policy that is read anew with more steps, while the last one repeats, brings each of them once', () => {
    const it = trial();
    it.fires('critical');
    it.passes(2.5 * h);
    it.news();
    const { critical } = policy.severities;
    const lasting = critical.steps.filter(({ evenAcknowledged }) => evenAcknowledged);
    const steps = [
      ...critical.steps.filter(({ evenAcknowledged }) => !evenAcknowledged),
      { afterMs: 2 * h, level: 'L1', tell: ['discord'] } as const,
      { afterMs: 4 * h, level: 'L1', tell: ['slack'] } as const,
      ...lasting,
    ];
    const severities = { ...policy.severities, critical: { ...critical, steps } };
    Object.assign(it, { policy: { ...policy, severities } });
    it.happens({ kind: 'tick' });
    expect(it.news()).toEqual(['2h30m discord']);
    it.passes(1.5 * h);
    expect(it.news()).toEqual(['4h slack']);
  });

  test('X02 an acknowledgement stops it and is told to whoever was told, but not to who gave it', () => {
    const it = trial();
    it.fires('critical');
    it.passes(6 * m);
    it.news();
    it.happens({ kind: 'acknowledge', by: 'anna', via: 'link' });
    expect(it.news()).toEqual(['6m acknowledged slack', '6m acknowledged discord']);
    it.passes(1 * h);
    expect(it.news()).toEqual([]);
    expect(it.incident).toMatchObject({ state: 'acknowledged', assignee: 'anna' });
    // But two hours are two hours.
    it.passes(1 * h);
    expect(it.news()).toEqual(['2h email dora']);
  });

  test('X02 a warning is told slowly, rises to high, then to critical', () => {
    const it = trial();
    it.fires('warning');
    it.passes(4 * h);
    expect(it.news()).toEqual(['0s slack', '0s discord', '1h email anna', '4h slack', '4h discord']);
    expect(it.incident.severity).toBe('high');
    it.passes(4 * h);
    expect(it.news()).toEqual(
      expect.arrayContaining(['4h15m email anna', '4h45m pagerduty', '6h slack carla', '8h slack', '8h discord']),
    );
    expect(it.incident.severity).toBe('critical');
  });

  test('X02 quiet hours: a warning of the evening is told in the morning, a critical incident at once', () => {
    const evening = Date.UTC(2026, 0, 5, 22, 30);
    const it = trial(policy, evening);
    it.fires('warning');
    it.passes(8 * h);
    expect(it.news()).toEqual([]);
    it.passes(2 * h);
    expect(it.news()).toEqual(['8h30m slack', '8h30m discord', '9h30m email anna']);
    const worse = trial(policy, evening);
    worse.fires('critical');
    expect(worse.news()).toEqual(['0s slack', '0s discord']);
  });

  test('X02 the clock of a step stands still in quiet hours: a quarter of an hour before them counts', () => {
    const it = trial(policy, Date.UTC(2026, 0, 5, 21, 45));
    it.fires('warning');
    it.passes(12 * h);
    expect(it.news()).toEqual(['0s slack', '0s discord', '10h email anna']);
  });

  test('X02 a snooze is silence until then, and a ladder from its foot afterwards', () => {
    const it = trial();
    it.fires('critical');
    it.news();
    it.happens({ kind: 'snooze', until: it.now + 1 * h, by: 'anna', via: 'page' });
    expect(it.news()).toEqual(['0s update slack', '0s update discord']);
    it.passes(1 * h - 1);
    expect(it.news()).toEqual([]);
    it.passes(5 * m + 1);
    expect(it.news()).toEqual(['1h slack', '1h discord', '1h5m email anna']);
    expect(it.incident.snoozedUntil).toBeUndefined();
  });
});

describe('failures', () => {
  test('X05 a step that fails for good is followed by the next one at once', () => {
    const it = trial();
    it.outcome = ({ channel }) => (channel === 'slack' || channel === 'discord' ? 'failed' : 'sent');
    it.fires('critical');
    expect(it.news()).toEqual(['0s email anna']);
    it.passes(14 * m);
    // The steps after it keep their times.
    expect(it.news()).toEqual([]);
    it.passes(1 * m);
    expect(it.news()).toEqual(['15m pagerduty']);
  });

  test('X05 one channel of a step that arrives is enough', () => {
    const it = trial();
    it.outcome = ({ channel }) => (channel === 'slack' ? 'failed' : 'sent');
    it.fires('critical');
    it.passes(4 * m);
    expect(it.news()).toEqual(['0s discord']);
  });

  test('X05 where nothing is configured it is told to the log, and again each hour', () => {
    const it = trial(noPeople);
    it.outcome = ({ channel }) => (channel === 'log' ? 'sent' : 'failed');
    it.fires('critical');
    expect(it.news()).toEqual(['0s log']);
    it.passes(1 * h);
    expect(it.news()).toEqual(['1h log']);
  });

  test('X05 where only chat works, chat is told again each hour, for nobody has answered', () => {
    const it = trial(noPeople);
    it.outcome = ({ channel }) => (channel === 'slack' || channel === 'log' ? 'sent' : 'failed');
    it.fires('critical');
    it.passes(4 * m);
    expect(it.news()).toEqual(['0s slack']);
    it.passes(1 * m);
    expect(it.news()).toEqual([]);
    it.passes(1 * h);
    expect(it.news()).toEqual(['1h5m slack']);
  });

  test('X05 a sender that died is followed by another one, with the same key', () => {
    const it = trial();
    const keys: string[] = [];
    it.outcome = ({ key, channel }) => {
      if (channel === 'discord') return 'sent';
      keys.push(key);
      return keys.length === 1 ? 'lost' : 'sent';
    };
    it.fires('critical');
    expect(it.incident.dueAt).toBe(monday + 30 * s);
    it.passes(30 * s);
    expect(it.news()).toEqual(['0s discord', '30s slack']);
    expect(new Set(keys).size).toBe(1);
    expect(it.incident.deliveries[0]).toMatchObject({ state: 'sent', attempts: 2 });
  });

  test('X05 what is tried again is tried at its time, and an answer makes an end of it', () => {
    const it = trial();
    it.outcome = ({ channel }) => (channel === 'slack' ? 'later' : 'sent');
    it.fires('critical');
    it.passes(45 * s);
    expect(it.incident.deliveries[0]).toMatchObject({ state: 'waiting', attempts: 3 });
    it.happens({ kind: 'acknowledge', by: 'ben', via: 'api' });
    expect(it.incident.deliveries[0]).toMatchObject({ state: 'failed', reason: 'acknowledged before it was sent' });
  });

  test('X05 a clock set forward brings all that is overdue, in order, each once', () => {
    const it = trial();
    it.fires('critical');
    it.now += 24 * h;
    it.happens({ kind: 'tick' });
    expect(it.news().map((line) => line.replace(/^\S+ /, ''))).toEqual([
      ...['slack', 'discord', 'email anna', 'pagerduty', 'slack carla', 'email carla', 'email dora'],
    ]);
    expect(it.incident.dueAt).toBe(it.now + 1 * h);
  });

  test('X05 a clock set back makes nothing wait longer than the policy says', () => {
    const it = trial();
    it.fires('critical');
    it.passes(2 * m);
    it.now -= 24 * h;
    it.happens({ kind: 'tick' });
    // What passed since the last change is not known; the step itself waits five minutes, and not a day.
    expect(it.incident.dueAt).toBe(it.now + 5 * m);
    // Two machines whose clocks differ a little are no such thing.
    const { dueAt } = it.incident;
    it.now -= 2 * s;
    it.happens({ kind: 'note', text: 'I look', by: 'anna', via: 'cli' });
    expect(it.incident).toMatchObject({ dueAt, changedAt: it.now + 2 * s });
  });
});

describe('alerts', () => {
  test('X01 repeats within ten minutes are one incident, later ones another', () => {
    const it = trial();
    it.fires('critical');
    it.fires('critical');
    expect(it.incident.alerts).toMatchObject([{ fingerprint: 'a', times: 2 }]);
    it.ends('critical');
    expect(it.incident.state).toBe('resolved');
    it.passes(10 * m);
    expect(it.fires('critical')).toMatchObject({ state: 'open', reopenedAt: [it.now] });
    const { version } = it.ends('critical');
    it.passes(10 * m + 1);
    expect(version).toBeGreaterThan(1);
    expect(it.fires('critical').reopenedAt).toEqual([]);
  });

  test('X02 when nothing fires any more everybody who was told hears so, once', () => {
    const it = trial();
    it.fires('critical', 'a', 'b');
    it.passes(5 * m);
    it.ends('critical', 'a');
    expect(it.incident.state).toBe('open');
    it.news();
    it.ends('critical', 'b');
    expect(it.news()).toEqual(['5m resolved slack', '5m resolved discord', '5m resolved email anna']);
    it.ends('critical', 'b');
    expect(it.news()).toEqual([]);
    expect(it.incident).toMatchObject({ state: 'resolved', resolved: { by: 'alertmanager' }, dueAt: null });
  });

  test('X05 what had not been sent when it ended is not sent; what was on its way is followed', () => {
    const it = trial();
    it.outcome = ({ message, channel }) => (message === 'alert' && channel === 'slack' ? 'lost' : 'later');
    it.fires('critical');
    it.outcome = () => 'sent';
    it.ends('critical');
    // Discord said no once, and may have taken it all the same.
    expect(it.news()).toEqual(['0s resolved discord']);
    expect(it.incident.deliveries[1]).toMatchObject({ state: 'failed', reason: 'resolved before it was sent' });
    it.happens({ kind: 'sent', key: it.incident.deliveries[0]?.key ?? '' });
    expect(it.news()).toEqual(['0s resolved slack']);
  });

  test('X02 another alert of an acknowledged incident is an update; a worse one begins again', () => {
    const it = trial();
    it.fires('high', 'a');
    it.happens({ kind: 'acknowledge', by: 'anna', via: 'link' });
    it.news();
    it.fires('high', 'a', 'b');
    expect(it.news()).toEqual(['0s update slack', '0s update discord']);
    expect(it.incident.state).toBe('acknowledged');
    it.fires('critical', 'c');
    expect(it.news()).toEqual(['0s slack', '0s discord']);
    expect(it.incident).toMatchObject({ state: 'open', severity: 'critical' });
    it.fires('info', 'd');
    expect(it.incident.severity).toBe('critical');
  });

  test('X02 what comes and goes is told so once, stays open while it does, and still climbs', () => {
    const it = trial();
    it.fires('critical');
    for (let times = 0; times < 2; times++) {
      it.passes(1 * m);
      it.ends('critical');
      it.passes(1 * m);
      it.fires('critical');
    }
    it.passes(1 * m);
    it.ends('critical');
    it.passes(1 * m);
    it.news();
    it.fires('critical');
    expect(it.news()).toEqual(['6m update slack', '6m update discord']);
    it.passes(1 * m);
    it.ends('critical');
    it.passes(1 * m);
    it.fires('critical');
    expect(it.news()).toEqual([]);
    it.passes(4 * m);
    expect(it.news()).toEqual(['11m email anna']);
    it.ends('critical');
    it.passes(59 * m);
    expect(it.incident.state).toBe('open');
    expect(it.news()).toEqual([]);
    it.passes(1 * m);
    expect(it.incident.state).toBe('resolved');
    expect(it.news()).toEqual(['1h12m resolved slack', '1h12m resolved discord', '1h12m resolved email anna']);
  });
});

describe('sizes', () => {
  test('X05 an incident that lasts for weeks keeps its size, and each receiver their first message', () => {
    const it = trial();
    it.fires('critical', ...Array.from({ length: 600 }, (_, index) => `agent-${index}`));
    expect(it.incident.alerts).toHaveLength(500);
    it.passes(1 * h);
    const first = it.incident.deliveries.map(({ key }) => key);
    it.passes(14 * 24 * h);
    const keys = it.incident.deliveries.map(({ key }) => key);
    expect(keys.length).toBeLessThanOrEqual(200);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.slice(0, first.length)).toEqual(first);
    it.news();
    it.passes(1 * h);
    expect(it.news()).toEqual(['338h slack carla', '338h email carla']);
  });

  test('X02 alerts that are over make room for those that fire', () => {
    const it = trial();
    const many = (from: string) => Array.from({ length: 300 }, (_, index) => `${from}-${index}`);
    it.fires('critical', 'first', ...many('old'));
    it.ends('critical', ...many('old'));
    it.fires('critical', ...many('new'));
    expect(it.incident.alerts).toHaveLength(500);
    expect(it.incident.alerts.filter(({ status }) => status === 'firing')).toHaveLength(301);
  });
});
