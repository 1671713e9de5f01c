import type * as v from 'valibot';
import type { incidentList } from '../http/api-schema.ts';
import { incidentIdPattern } from '../http/incident-id.ts';
import type { ApiClient } from './api-client.ts';

/** So many of the newest are looked at; older ones are named in full. */
const newest = 1000;

/** A whole id, or the end of one: `k7qx`. @throws RangeError unless exactly one ends so. */
export async function findIncident(client: ApiClient, text: string): Promise<string> {
  if (incidentIdPattern.test(text)) return text;
  const { incidents } = await client.get<v.InferOutput<typeof incidentList>>(`/api/incidents?limit=${newest}`);
  const found = incidents.filter(({ id }) => text !== '' && id.endsWith(text)).map(({ id }) => id);
  const [id, ...others] = found;
  if (id === undefined)
    throw new RangeError(
      `Cannot find the incident "${text}": no id of the newest ${newest} ends so. Look at "list --all".`,
    );
  if (others.length > 0)
    throw new RangeError(
      `Cannot tell which incident "${text}" is: ${found.slice(0, 5).join(', ')}. Give more of its end.`,
    );
  return id;
}
