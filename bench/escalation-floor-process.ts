/** The least that stands between a webhook and a notification: reads the one, passes it on as the other. Keeps nothing. Says its port on the first line. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const [receiver = ''] = process.argv.slice(2);

const server = createServer(async (request, response) => {
  const body = await text(request);
  response.end();
  const answer = await fetch(receiver, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await answer.arrayBuffer();
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.on('disconnect', () => process.exit());
