import { once } from 'node:events';
import { connect } from 'node:net';

const patienceMs = 2_000;

/** @throws Error that says what to do where nobody listens at an OTLP/gRPC endpoint; TypeError where it is none. */
export async function needCollector(endpoint: string): Promise<void> {
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
    throw new TypeError(
      `Cannot use the endpoint "${endpoint}": give an OTLP/gRPC address, e.g. http://localhost:4317.`,
    );
  }
  const { hostname, port, protocol } = new URL(endpoint);
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(patienceMs) });
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw new Error(
      `Cannot start the demo: no Collector answers at ${endpoint} (${why}). Start the stack with "npm run up", or give --endpoint.`,
      { cause },
    );
  } finally {
    socket.destroy();
  }
}
