/** Opens a dashboard as Grafana would, without Grafana: asks the backends everything that it would ask them. */
import { intervalSeconds } from '../../stack.ts';
import { labelValues } from '../panel-queries.ts';
import { type Answer, addressOf, ask, type Backends, type Question } from './backends.ts';
import { all, byDefault, type Offer, oneByOne, type Trial } from './choices.ts';
import { type Choices, interpolate } from './interpolate.ts';
import { needNames } from './names.ts';
import type { LiveDashboard, LiveQuery } from './read.ts';
import { panelRange, stepOf, type TimeRange } from './time.ts';

/** What one query answered under one choice. */
export interface Asked extends Answer {
  with: string;
  /** As it was sent. */
  query: string;
  ms: number;
  error: string | undefined;
  /** It has data now, but none yet at a whole step: Grafana will show it when the data is older than that. */
  young: boolean;
  /** The address to try it again; undefined when it could not even be asked. */
  address: string | undefined;
}

export interface QueryResult {
  query: LiveQuery;
  opened: Asked;
  /** Under all, when that is not the default. */
  all: Asked | undefined;
  /** For each of its variables the values that were tried; the last one is the first that had data. */
  one: Asked[][];
}

export interface Opened {
  uid: string;
  title: string;
  /** From the first request to the last answer, closed rows left out. */
  totalMs: number;
  /** 95 % of its requests were answered so soon: a request is a panel with all its queries. */
  p95Ms: number;
  requests: number;
  results: QueryResult[];
}

export interface OpenOptions {
  backends: Backends;
  /** The names of metrics that a query may ask for. */
  known: ReadonlySet<string>;
  /** In ms since the epoch. */
  now: number;
  /** How far back; undefined: as the dashboard says. */
  since: string | undefined;
}

/** A browser has six connections to a server. */
const atOnce = 6;

export async function open(dashboard: LiveDashboard, options: OpenOptions): Promise<Opened> {
  const session = new Session(options, rangeOf(dashboard, options));
  const startedAt = performance.now();
  const { offers, results: ofVariables } = await session.variables(dashboard);
  const [openOnes, closedOnes] = [false, true].map((closed) =>
    dashboard.queries.filter((each) => each.closed === closed),
  );
  const opened = await session.load(openOnes as LiveQuery[], offers);
  const totalMs = performance.now() - startedAt;
  const later = await session.load(closedOnes as LiveQuery[], offers);
  const requestMs = [...opened.requestMs, ...ofVariables.map((each) => each.opened.ms)].sort((a, b) => a - b);
  return {
    ...{ uid: dashboard.uid, title: dashboard.title, totalMs, requests: requestMs.length },
    p95Ms: requestMs[Math.ceil(requestMs.length * 0.95) - 1] ?? 0,
    results: [...ofVariables, ...(await session.tryOut([...opened.asked, ...later.asked], offers))],
  };
}

function rangeOf({ time }: LiveDashboard, { now, since }: OpenOptions): TimeRange {
  return panelRange(since ?? time.from, { from: now, to: now });
}

class Session {
  readonly #backends: Backends;
  readonly #known: ReadonlySet<string>;
  readonly #range: TimeRange;

  constructor({ backends, known }: OpenOptions, range: TimeRange) {
    this.#backends = backends;
    this.#known = known;
    this.#range = range;
  }

  /** One after the other: a later one may depend on what is chosen for an earlier one. */
  async variables({ variables }: LiveDashboard): Promise<{ offers: Offer[]; results: QueryResult[] }> {
    const offers: Offer[] = [];
    const results: QueryResult[] = [];
    for (const variable of variables) {
      const { query } = variable;
      if (!query) {
        offers.push({ variable, values: variable.values });
        continue;
      }
      const opened = await this.#ask(query, { with: 'default', choices: byDefault(offers) });
      offers.push({ variable, values: opened.values.toSorted() });
      results.push({ query, opened, all: undefined, one: [] });
    }
    return { offers, results };
  }

  /** Everything under the default choice, panel by panel, so many at a time. */
  async load(queries: readonly LiveQuery[], offers: readonly Offer[]) {
    const trial = { with: 'default', choices: byDefault(offers) };
    const waiting = [...Map.groupBy(queries, ({ key }) => key).values()];
    const asked = new Map<LiveQuery, Asked>();
    const requestMs: number[] = [];
    const connection = async () => {
      for (let panel = waiting.shift(); panel; panel = waiting.shift()) {
        const answers = await Promise.all(panel.map((query) => this.#ask(query, trial)));
        for (const [at, answer] of answers.entries()) asked.set(panel[at] as LiveQuery, answer);
        requestMs.push(Math.max(...answers.map(({ ms }) => ms)));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, connection));
    return { asked: queries.map((query): [LiveQuery, Asked] => [query, asked.get(query) as Asked]), requestMs };
  }

  /** The other choices; their time is nobody's. */
  async tryOut(asked: readonly [LiveQuery, Asked][], offers: readonly Offer[]): Promise<QueryResult[]> {
    const results: QueryResult[] = [];
    const waiting = [...asked.entries()];
    const connection = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [at, [query, opened]] = next;
        const everything = all(query.expr, offers);
        const one: Asked[][] = [];
        for (const trials of oneByOne(query.expr, offers)) one.push(await this.#untilData(query, trials));
        results[at] = { query, opened, all: everything && (await this.#ask(query, everything)), one };
      }
    };
    await Promise.all(Array.from({ length: atOnce }, connection));
    return results;
  }

  async #untilData(query: LiveQuery, trials: readonly Trial[]): Promise<Asked[]> {
    const tried: Asked[] = [];
    for (const trial of trials) {
      const answer = await this.#ask(query, trial);
      tried.push(answer);
      // A panel that may be empty proves with one value that its query can be asked.
      if (answer.error || hasData(answer) || query.allowedEmpty) break;
    }
    return tried;
  }

  async #ask(query: LiveQuery, { with: chosen, choices }: Trial): Promise<Asked> {
    const startedAt = performance.now();
    const nothing = {
      with: chosen,
      query: query.expr,
      found: 0,
      nothing: 0,
      values: [],
      address: undefined,
      young: false,
    };
    try {
      const question = this.#question(query, choices);
      const asked = { ...nothing, query: question.query, address: addressOf(this.#backends, question) };
      if (query.source === 'prometheus') needNames(question.query, this.#known);
      const failed = (error: Error) => ({ error: error.message });
      const answer = await ask(this.#backends, question).catch(failed);
      const result = { ...asked, error: undefined, ...answer, ms: performance.now() - startedAt };
      return { ...result, young: await this.#isYoung(question, result) };
    } catch (error) {
      return { ...nothing, ms: 0, error: (error as Error).message };
    }
  }

  async #isYoung(
    question: Question,
    { found, nothing, error }: Answer & { error: string | undefined },
  ): Promise<boolean> {
    if (error || found > nothing || question.source !== 'prometheus' || question.kind !== 'range') return false;
    const now = await ask(this.#backends, { ...question, kind: 'instant', exemplars: false });
    return now.found > now.nothing;
  }

  #question(query: LiveQuery, choices: Choices): Question {
    const { source, kind, expr, limit, exemplars } = query;
    const range = panelRange(query.timeFrom, this.#range);
    // As datasources.ts has it for Prometheus: services push more rarely than the stack is scraped, whose queries say so.
    const scrape = query.least ?? intervalSeconds.push * 1000;
    const step = stepOf(range, query.pixels, source === 'prometheus' ? scrape : (query.least ?? 1000));
    const plain = (text: string) => interpolate(text, source, choices, { range, step, scrape });
    const shared = { source, kind, range, step, limit, exemplars };
    if (kind !== 'values') return { ...shared, query: plain(expr) };
    const { series, label } = labelValues(expr);
    return { ...shared, query: plain(series), label };
  }
}

/** Something that Grafana can draw, now or within a step. */
export function hasData({ found, nothing, young }: Asked): boolean {
  return found > nothing || young;
}
