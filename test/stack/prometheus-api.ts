import { getJson } from '../../doctor/ask.ts';

/** The series of an instant query: labels and the value as a number. @throws Error with Prometheus' own words. */
export async function instant(
  prometheus: string,
  query: string,
): Promise<{ metric: Record<string, string>; value: number }[]> {
  const { data } = (await getJson(`${prometheus}/api/v1/query?${new URLSearchParams({ query })}`)) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}

/** How many series a range query over the last quarter of an hour has, at a step of 15 s. */
export async function rangeSeries(prometheus: string, query: string): Promise<number> {
  const end = Date.now() / 1000;
  const parameters = new URLSearchParams({ query, start: String(end - 900), end: String(end), step: '15' });
  const { data } = (await getJson(`${prometheus}/api/v1/query_range?${parameters}`)) as { data: { result: unknown[] } };
  return data.result.length;
}
