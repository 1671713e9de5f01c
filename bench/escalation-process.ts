/** The escalation service as a real process with a folder, a policy and a port of its own, which may be killed and comes back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import getPort from 'get-port';
import type { PolicyInput } from '../alertmanager/escalation/policy/policy-file.ts';

const main = join(import.meta.dirname, '..', 'alertmanager', 'escalation', 'main.ts');
const readyMs = 120_000;

export interface ServiceOptions {
  /** Secrets that the policy names. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of Node itself, before the program. */
  readonly nodeArgs?: readonly string[];
}

export class ServiceProcess implements AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  readonly token = randomBytes(32).toString('base64');
  /** What it said on standard error. */
  readonly notices: string[] = [];
  readonly #options: ServiceOptions;
  readonly #env: Record<string, string>;
  #child: ChildProcess | undefined;
  #closed = false;

  static async open(policy: PolicyInput, options: ServiceOptions = {}): Promise<ServiceProcess> {
    const service = new ServiceProcess(await getPort(), policy, options);
    try {
      await service.start();
      return service;
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(port: number, policy: PolicyInput, options: ServiceOptions) {
    this.url = `http://127.0.0.1:${port}`;
    this.folder = mkdtempSync(join(tmpdir(), 'fleetscope-escalation-'));
    this.#options = options;
    mkdirSync(this.#file('data'));
    // YAML is a superset of JSON.
    writeFileSync(this.#file('policy.yml'), JSON.stringify(policy, null, 2));
    writeFileSync(this.#file('token'), this.token);
    this.#env = {
      ...options.env,
      FLEETSCOPE_ESCALATION_LISTEN: `127.0.0.1:${port}`,
      FLEETSCOPE_ESCALATION_DATA: this.#file('data'),
      FLEETSCOPE_ESCALATION_POLICY: this.#file('policy.yml'),
      FLEETSCOPE_ESCALATION_WEBHOOK_TOKEN_FILE: this.#file('token'),
      FLEETSCOPE_ESCALATION_API_TOKEN_FILE: this.#file('token'),
      FLEETSCOPE_ESCALATION_SIGNING_KEY_FILE: this.#file('token'),
    };
  }

  /** Resolves when it takes alerts. */
  async start(): Promise<void> {
    if (this.#closed) throw new Error('Cannot start the escalation service: its folder is gone. Open another.');
    const child = spawn(process.execPath, [...(this.#options.nodeArgs ?? []), main], {
      env: { ...process.env, ...this.#env },
      // The log channel writes to standard output: nobody is to hold it up.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => this.notices.push(line));
    for (const since = Date.now(); !(await this.#isReady()); await delay(25)) {
      if (child.exitCode === null && child.signalCode === null && Date.now() - since < readyMs) continue;
      throw new Error(`Cannot start the escalation service: ${this.notices.slice(-5).join('\n')}`);
    }
  }

  /** Resolves when it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** An answer of its API. @throws Error for any other than 200. */
  async get<T>(path: string): Promise<T> {
    const headers = { authorization: `Bearer ${this.token}` };
    const response = await fetch(this.url + path, { headers, signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Asks what was preloaded into it; what it answers. */
  async ask(question: string): Promise<unknown> {
    if (!this.#child) throw new Error(`Cannot ask for ${question}: the escalation service does not run.`);
    const answered = once(this.#child, 'message');
    this.#child.send(question);
    return (await answered)[0];
  }

  get store(): string {
    return this.#file('data', 'escalation.db');
  }

  get logs(): string {
    return this.#file('data', 'logs', 'alerts');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/-/ready`, { signal: AbortSignal.timeout(20_000) })).ok;
    } catch {
      return false;
    }
  }

  #file(...names: string[]): string {
    return join(this.folder, ...names);
  }
}
