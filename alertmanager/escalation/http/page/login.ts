import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { sameSecret } from '../../../../service/bearer.ts';
import { person } from '../api-schema.ts';
import type { ServerDeps } from '../deps.ts';
import { incidentIdPattern } from '../incident-id.ts';
import { rootOf } from './layout.ts';
import { comeAgainPage, loginPage } from './login-page.ts';
import { openAttempts, signedSessions } from './session.ts';

export type Sessions = ReturnType<typeof openSessions>;

/** Who is logged in, and what is shown to those who are not. */
export function openSessions({ signingKey, tokens, publicUrl, now }: ServerDeps) {
  const signed = signedSessions({ signingKey, apiToken: tokens.api, secure: publicUrl.startsWith('https:'), now });
  return {
    ...signed,
    ask({ headers, url }: FastifyRequest, reply: FastifyReply, next?: string): FastifyReply {
      const root = rootOf(url);
      const fromElsewhere = headers['sec-fetch-site'] === 'cross-site';
      return reply
        .type('text/html; charset=utf-8')
        .send(fromElsewhere ? comeAgainPage(root) : loginPage({ root, next }));
    },
  };
}

export function loginRoutes(app: FastifyInstance, { tokens, now }: ServerDeps, sessions: Sessions): void {
  const attempts = openAttempts(now);

  app.post<{ Body: Record<string, string> }>('/incidents/login', async ({ body, ip, url }, reply) => {
    const { name = '', token = '', next } = body ?? {};
    const root = rootOf(url);
    // Nowhere but to an incident of ours.
    const to = next !== undefined && incidentIdPattern.test(next) ? next : undefined;
    const again = (status: number, problem: string) =>
      reply
        .code(status)
        .type('text/html; charset=utf-8')
        .send(loginPage({ root, next: to, name, problem }));
    // Behind an ingress everybody has its address: who guesses slows down guesses, never who has the token.
    const known = sameSecret(token.trim(), tokens.api);
    if (!known && !attempts.mayTry(ip)) return again(429, 'Too many wrong tokens from here. Wait a minute.');
    if (!v.is(person, name.trim())) return again(400, 'Write your name: at most 80 letters.');
    if (!known) {
      attempts.failed(ip);
      return again(403, 'That is not the API token.');
    }
    reply.header('set-cookie', sessions.begin(name.trim()));
    return reply.redirect(`${root}incidents${to ? `/${to}` : ''}`, 303);
  });

  app.post('/incidents/logout', async ({ url }, reply) =>
    reply.header('set-cookie', sessions.end()).redirect(`${rootOf(url)}incidents`, 303),
  );
}
