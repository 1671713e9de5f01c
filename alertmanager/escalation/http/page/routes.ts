/** The page of incidents: HTML and forms, no script. Every change is a POST from our own page by somebody who is logged in. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServerDeps } from '../deps.ts';
import { acceptForms } from '../form.ts';
import { found, idOf } from '../operations.ts';
import { Problem } from '../problem.ts';
import { actions } from './actions.ts';
import { detailPage } from './detail-page.ts';
import { rootOf } from './layout.ts';
import { listPage } from './list-page.ts';
import { loginRoutes, openSessions } from './login.ts';
import { readList } from './read-list.ts';

interface Asked {
  Params: { id: string; number: string };
  Querystring: Record<string, string | undefined>;
}

export function pageRoutes(app: FastifyInstance, deps: ServerDeps): void {
  const { store, desk, now, policyInfo } = deps;
  const nextStep = deps.nextStep ?? (() => undefined);
  const sessions = openSessions(deps);
  acceptForms(app);
  app.addHook('onRequest', async (request, reply) => {
    // With none at all a browser does not say where a form is from.
    reply.header('referrer-policy', 'same-origin');
    if (request.method === 'POST' && !fromOurPage(request, deps.publicUrl))
      throw new Problem(
        403,
        'Cannot do that: it was asked for by another page. Open the page of all incidents and do it there.',
      );
  });
  loginRoutes(app, deps, sessions);

  app.get<Asked>('/incidents', async (request, reply) => {
    const who = sessions.who(request.headers.cookie);
    if (who === undefined) return sessions.ask(request, reply);
    const list = await readList(request.query, store);
    return page(reply, listPage({ ...list, root: rootOf(request.url), who, now: now(), nextStep }));
  });

  app.get<Asked>('/incidents/:id', async (request, reply) => {
    const id = idOf(request.params);
    const who = sessions.who(request.headers.cookie);
    if (who === undefined) return sessions.ask(request, reply, id);
    const incident = await found(id, store);
    const { people } = policyInfo();
    const done = actions.find(({ name }) => name === request.query.done)?.done;
    const history = await store.historyOf(id);
    const root = rootOf(request.url);
    return page(
      reply,
      detailPage({ root, who, now: now(), incident, history, people, next: nextStep(incident), done }),
    );
  });

  for (const { name, path, event } of actions) {
    app.post<Asked>(`/incidents/:id/${path}`, async (request, reply) => {
      const id = idOf(request.params);
      const here = `${rootOf(request.url)}incidents/${id}`;
      const by = sessions.who(request.headers.cookie);
      if (by === undefined) return reply.redirect(here, 303);
      const fields = (request.body ?? {}) as Record<string, string>;
      await desk.apply(id, event({ fields, by, id, number: request.params.number, now: now() }));
      return reply.redirect(`${here}?done=${name}`, 303);
    });
  }
}

export function page(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(text);
}

/** By what every current browser says itself; where it is silent (plain HTTP in a house), by the address of the form. */
function fromOurPage({ headers }: Pick<FastifyRequest, 'headers'>, publicUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return [new URL(publicUrl).origin, `http://${headers.host}`, `https://${headers.host}`].includes(
    headers.origin ?? '',
  );
}
