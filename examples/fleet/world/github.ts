import { createHash } from 'node:crypto';
import { type Route, type Service, serve } from './serve.ts';

export const repositories = ['acme/app', 'acme/shop', 'acme/site'];

/** A code host as the fleet needs one: repositories, issues, commits. It keeps how many of each. */
export async function openGithub(): Promise<Service & { kept: { issues: number; closed: number; commits: number } }> {
  const kept = { issues: 0, closed: 0, commits: 0 };
  const known =
    (status: number, answer: (body: Record<string, unknown>) => object): Route[2] =>
    ({ caught: [name = ''], body }) =>
      repositories.includes(name)
        ? { status, body: answer(body) }
        : { status: 404, body: { message: `there is no ${name}` } };
  const service = await serve([
    ['GET', /^\/repos\/([^/]+\/[^/]+)$/, known(200, () => ({ defaultBranch: 'main' }))],
    ['POST', /^\/repos\/([^/]+\/[^/]+)\/issues$/, known(201, () => ({ number: ++kept.issues }))],
    ['PATCH', /^\/repos\/([^/]+\/[^/]+)\/issues\/\d+$/, known(200, () => ({ closed: ++kept.closed }))],
    [
      'POST',
      /^\/repos\/([^/]+\/[^/]+)\/commits$/,
      known(201, (body) => {
        kept.commits += 1;
        return { sha: createHash('sha1').update(JSON.stringify(body)).digest('hex') };
      }),
    ],
  ]);
  return { ...service, kept };
}
