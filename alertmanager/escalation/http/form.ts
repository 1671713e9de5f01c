import type { FastifyInstance } from 'fastify';

/** What a browser's form sends, each name once: the last of several. */
export function acceptForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 16_384 },
    (_, body, done) => done(null, { ...Object.fromEntries(new URLSearchParams(body as string)) }),
  );
}
