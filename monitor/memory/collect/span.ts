/** What Prometheus is asked of: so long a time, which ends when it is asked at. */
export interface Span {
  /** `1h`, `23h`, `24h`. */
  readonly text: keyof typeof spans;
  readonly seconds: number;
  /** How finely counters are looked at. */
  readonly step: '1m' | '5m';
}

/** An hour, a day, and a day that is told an hour before it is over. */
export const spans = {
  '1h': { text: '1h', seconds: 3600, step: '1m' },
  '23h': { text: '23h', seconds: 23 * 3600, step: '5m' },
  '24h': { text: '24h', seconds: 24 * 3600, step: '5m' },
} as const;
