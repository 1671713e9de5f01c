import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Sink {
  endpoint: string;
  /** Bytes that came so far, by signal. */
  received(): Promise<Record<'traces' | 'metrics' | 'logs', number>>;
  stop(): Promise<void>;
}

/** Starts the receiver of everything that the measured services send. */
export async function startSink(): Promise<Sink> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sink-process.ts')], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const [port] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  return {
    endpoint: `http://127.0.0.1:${String(port).trim()}`,
    async received() {
      child.send('bytes');
      const [bytes] = await once(child, 'message');
      return bytes;
    },
    async stop() {
      child.kill();
      await exited;
    },
  };
}
