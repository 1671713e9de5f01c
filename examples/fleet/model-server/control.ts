import type { IncomingMessage, ServerResponse } from 'node:http';
import { BlockList } from 'node:net';
import { type Fault, type Faults, faultSchema } from './faults.ts';
import { jsonBody } from './json-body.ts';
import type { Ledger } from './ledger.ts';
import { Refusal } from './refusal.ts';
import { parse } from './wire.ts';

interface Controlled {
  ledger: Ledger;
  faults: Faults;
  fault(fault: Fault): void;
}

/** `GET` and `DELETE /__ledger`, `GET` and `POST /__faults`: for other processes of this machine. */
export async function control(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  { ledger, faults, fault }: Controlled,
): Promise<void> {
  const reply = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  try {
    if (!isLoopback(request.socket.remoteAddress)) throw new Refusal(403, `${path} is for this machine only.`);
    switch (`${request.method} ${path}`) {
      case 'DELETE /__ledger':
        ledger.clear();
        return reply(200, ledger.report());
      case 'GET /__ledger':
        return reply(200, ledger.report());
      case 'POST /__faults':
        fault(parse(faultSchema, await jsonBody(request)));
        return reply(200, { faults: faults.list() });
      case 'GET /__faults':
        return reply(200, { faults: faults.list() });
      default:
        throw new Refusal(404, `Cannot ${request.method} ${path}: there are /__ledger and /__faults.`);
    }
  } catch (error) {
    reply(error instanceof Refusal ? error.status : 500, { error: (error as Error).message });
  }
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Whether the other end of a connection is on this machine; an IPv4 address may come in IPv6 form. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && loopback.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
