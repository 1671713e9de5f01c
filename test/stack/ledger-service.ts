/** The ledger's service as a process on a file of its own, which may be killed and comes back; and a sender that does not give up. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { answers } from '../../engine/supervisor.ts';
import { repository } from './command-line.ts';
import { freePort } from './free-port.ts';
import { type Encoding, type Piece, requestOf } from './ledger-tap.ts';

export const token = 'the-token-of-the-test-0123456789-0123456789';

export class LedgerService {
  readonly file: string;
  readonly url: string;
  /** Requests that nobody answered, because it was dead. */
  resent = 0;
  /** What it said on standard error. */
  said = '';
  readonly #folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
  #child: ChildProcess | undefined;

  static async open(): Promise<LedgerService> {
    const service = new LedgerService(await freePort());
    await service.start();
    return service;
  }

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.file = join(this.#folder, 'ledger.db');
    writeFileSync(join(this.#folder, 'token'), token);
  }

  /** Resolves when it takes spans. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [join(repository, 'monitor', 'ingest', 'main.ts')], {
      env: {
        PATH: process.env.PATH,
        FLEETSCOPE_MONITOR_LISTEN: this.url.slice('http://'.length),
        FLEETSCOPE_MONITOR_DATA: this.#folder,
        FLEETSCOPE_MONITOR_TOKEN_FILE: join(this.#folder, 'token'),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.on('data', (text) => {
      this.said += text;
    });
    this.#child = child;
    while (!(await answers(`${this.url}/-/ready`))) {
      if (child.exitCode !== null) throw new Error(`The ledger's service ended: ${this.said}`);
      await delay(25);
    }
  }

  /** Resolves when it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async close(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Until they are taken, as the Collector does. */
  async send(pieces: readonly Piece[], encoding: Encoding): Promise<void> {
    while (!(await post(this.url, pieces, encoding))) {
      this.resent++;
      await delay(50);
    }
  }
}

/** Packed. @returns false: nobody answered. */
export async function post(url: string, pieces: readonly Piece[], encoding: Encoding): Promise<boolean> {
  try {
    const response = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
        'content-encoding': 'gzip',
      },
      body: gzipSync(requestOf(pieces, encoding)),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`The ledger's service answers ${response.status}: ${text}`);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
