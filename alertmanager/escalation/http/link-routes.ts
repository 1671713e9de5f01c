import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { person } from './api-schema.ts';
import type { Refusal, ServerDeps } from './deps.ts';
import { acceptForms } from './form.ts';
import { type LinkAction, openLinks } from './links.ts';
import { found } from './operations.ts';
import { rootOf } from './page/layout.ts';
import { confirmPage, donePage } from './page/link-pages.ts';
import { Problem } from './problem.ts';
import { read } from './read.ts';

const answer = v.object({ name: person });

/** GET asks, POST does: the previews of chats and the scanners of mail open every link they see. */
export function linkRoutes(app: FastifyInstance, deps: ServerDeps): void {
  const { desk, store, signingKey, publicUrl, now, onRefused } = deps;
  acceptForms(app);
  const links = openLinks({ signingKey, publicUrl, now });
  interface Params {
    Params: { action: string; token: string };
  }

  const readLink = ({ action, token }: Params['Params']) =>
    counted(() => links.read(actionOf(action), token), { 403: 'forged_link', 410: 'expired_link' }, onRefused);

  app.get<Params>('/links/:action/:token', async ({ params, url }, reply) => {
    const link = await readLink(params);
    const incident = await found(link.incident, store);
    const told = incident.deliveries.find(({ key }) => key === link.deliveryKey);
    const page = confirmPage({
      root: rootOf(url),
      incident,
      action: link.action,
      name: told?.person ?? '',
      now: now(),
    });
    return reply.type('text/html; charset=utf-8').send(page);
  });

  app.post<Params>('/links/:action/:token', async ({ params, body, url }, reply) => {
    const link = await readLink(params);
    const { name } = read(answer, body, 'the answer', 'Go back and write your name.');
    await found(link.incident, store);
    await counted(() => links.use(link, store), { 410: 'spent_link' }, onRefused);
    const incident = await desk.apply(link.incident, { kind: link.action, by: name, via: 'link' });
    return reply.type('text/html; charset=utf-8').send(donePage({ root: rootOf(url), incident, now: now() }));
  });
}

function actionOf(text: string): LinkAction {
  if (text === 'acknowledge' || text === 'resolve') return text;
  throw new Problem(
    404,
    'Cannot follow the link: there is no such answer. Open the incident on the page of all incidents.',
  );
}

/** What `run` refuses, by its status, is counted and passed on. */
async function counted<T>(
  run: () => T | Promise<T>,
  reasons: Readonly<Record<number, Refusal>>,
  onRefused: (reason: Refusal) => void,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const reason = error instanceof Problem ? reasons[error.status] : undefined;
    if (reason) onRefused(reason);
    throw error;
  }
}
