import { tool } from '@fleetscope/instrumentation';
import type { Counts } from '../counts.ts';
import { askJson } from './ask-json.ts';
import { operate } from './part.ts';

export interface Page {
  title: string;
  url: string;
  text: string;
}

/** The documentation that agents look things up in: an HTTP service that bills each request and limits how many. */
export class Docs {
  readonly #url: string;
  readonly #counts: Counts;
  readonly #signal: AbortSignal;

  constructor(url: string, counts: Counts, signal: AbortSignal) {
    this.#url = url;
    this.#counts = counts;
    this.#signal = signal;
  }

  /** Paths of the pages that fit best. */
  search(question: string): Promise<string[]> {
    return this.#call<{ paths: string[] }>('search_docs', `/search?${new URLSearchParams({ q: question })}`).then(
      ({ paths }) => paths,
    );
  }

  read(path: string): Promise<Page> {
    return this.#call<Page>('read_page', path);
  }

  #call<T>(name: string, path: string): Promise<T> {
    const answer = tool({ name, type: 'datastore', api: 'docs' }, (call) =>
      operate('docs', async () => {
        const { json, headers } = await askJson<T>(this.#url + path, { signal: this.#signal });
        const usd = Number(headers.get('x-price-usd') ?? 0);
        call.cost(usd);
        call.rateLimit({
          limit: Number(headers.get('x-ratelimit-limit')),
          remaining: Number(headers.get('x-ratelimit-remaining')),
          resetSeconds: Number(headers.get('x-ratelimit-reset')),
        });
        this.#counts.add('usd', name, usd);
        return json;
      }),
    );
    return this.#counts.of('tools', name, answer);
  }
}
