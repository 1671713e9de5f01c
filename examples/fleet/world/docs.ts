import { type Service, serve } from './serve.ts';

const perMinute = 600;
const priceUsd = 0.000_02;

/** A documentation site with a search. It bills each request, and says how many are left in this minute. */
export function openDocs(now: () => number = Date.now): Promise<Service> {
  let minute = 0;
  let taken = 0;
  const headers = () => {
    const current = Math.floor(now() / 60_000);
    taken = current === minute ? taken + 1 : 1;
    minute = current;
    return {
      'x-price-usd': priceUsd,
      'x-ratelimit-limit': perMinute,
      'x-ratelimit-remaining': Math.max(0, perMinute - taken),
      'x-ratelimit-reset': Math.ceil(60 - (now() % 60_000) / 1000),
    };
  };
  return serve([
    ['GET', /^\/search$/, ({ query }) => ({ headers: headers(), body: { paths: search(query.get('q') ?? '') } })],
    [
      'GET',
      /^\/pages\/(\d+)$/,
      ({ caught: [number] }) => {
        const page = pages[Number(number)];
        if (!page) return { status: 404, headers: headers(), body: { message: `there is no page ${number}` } };
        return { headers: headers(), body: { ...page, url: `https://docs.example.org/pages/${number}` } };
      },
    ],
  ]);
}

/** Paths of the pages that share most words with the question, best first. */
export function search(question: string): string[] {
  const wanted = new Set(wordsOf(question));
  return pages
    .map(({ title, text }, at) => ({
      at,
      shared: wordsOf(`${title} ${text}`).filter((word) => wanted.has(word)).length,
    }))
    .sort((a, b) => b.shared - a.shared)
    .slice(0, 3)
    .map(({ at }) => `/pages/${at}`);
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z]{3,}/g) ?? [];
}

const pages = [
  ['Slugs', 'A slug is a title as part of an address: lower case, words joined by hyphens, nothing else.'],
  ['Chunks', 'A list in pieces of one size; the last piece holds what is left. A size below one is a mistake.'],
  ['Medians', 'The middle of sorted values. For an even count, the mean of the two in the middle.'],
  ['Durations', 'Amounts with units such as 1h30m. Milliseconds inside, text at the edge.'],
  ['Groups', 'Items by a key. Keep their order; do not copy a group for each item.'],
  ['Backoff', 'Wait longer after each failure, up to a limit, with some chance in it.'],
  ['Caches', 'Keep what was asked for lately. Bound it, and say when an entry grows old.'],
  ['Searches', 'An index answers fast and costs memory. Below a thousand items, look at each.'],
  ['Imports', 'Read in batches, skip what is there already, report what was refused.'],
  ['Forms', 'Check at the edge, say which field is wrong, keep what was typed.'],
  ['Reports', 'Sum up by day. Round once, at the end.'],
  ['Releases', 'A version, what changed, how to go back. Never on a Friday evening.'],
].map(([title = '', text = '']) => ({ title, text }));
