import type { AuditRecord, Store } from '../store/store.ts';
import type { Head } from './chain.ts';
import { append, fileOf, lastWritten, lineOf, setAside } from './log-files.ts';

export interface DailyLogOptions {
  /** `logs/alerts`; made if it is not there. */
  readonly folder: string;
  readonly store: Pick<Store, 'audit'>;
  /** One line for people: why the log lags, and that it does no longer. */
  readonly notice: (line: string) => void;
  /** Default 10 000. */
  readonly retryMs?: number;
}

/** Characters of lines that are written at once. */
const batchLength = 1_000_000;

/**
 * The audit trail as files for people and log shippers: follows the store, never holds it up. After a kill it goes on where it
 * was; nothing is missing and nothing comes twice. What cannot be written waits in the store until it can.
 */
export class DailyLog {
  readonly #options: DailyLogOptions;
  /** Undefined: to be looked up in the files. */
  #last: Head | undefined;
  #wanted = false;
  #running: Promise<void> | undefined;
  #failure: Error | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: DailyLogOptions) {
    this.#options = options;
    this.poke();
  }

  /** Something was saved. Costs nothing while it is being written, or waits for a retry. */
  poke(): void {
    this.#wanted = true;
    if (!this.#retry) this.#running ??= this.#run();
  }

  /** Tries now. @throws Error when the log still lags. */
  async caughtUp(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.poke();
    while (this.#running) await this.#running;
    if (this.#failure) throw this.#failure;
  }

  /** Writes what it can. What it cannot has been told, and is written at the next start. */
  async close(): Promise<void> {
    await this.caughtUp().catch(() => undefined);
    clearTimeout(this.#retry);
  }

  async #run(): Promise<void> {
    const { folder, notice, retryMs = 10_000 } = this.#options;
    try {
      while (this.#wanted) {
        this.#wanted = false;
        await this.#catchUp();
      }
      if (this.#failure) notice(`The log in ${folder} is complete again.`);
      this.#failure = undefined;
    } catch (error) {
      this.#last = undefined;
      const why = (error as Error).message;
      if (!this.#failure)
        notice(
          `The log in ${folder} lags behind the audit trail: ${why}. Escalation goes on, and what is missing is written later. Check the folder's permissions and free space.`,
        );
      this.#failure = new Error(`Cannot write the log in ${folder}: ${why}. Check its permissions and free space.`, {
        cause: error,
      });
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.poke();
      }, retryMs).unref();
    } finally {
      this.#running = undefined;
    }
  }

  async #catchUp(): Promise<void> {
    const { folder, store } = this.#options;
    this.#last ??= await this.#whereItWas();
    let batch: AuditRecord[] = [];
    let text = '';
    const flush = async () => {
      const last = batch.at(-1);
      if (!last) return;
      await append(folder, fileOf(last), text);
      this.#last = last;
      batch = [];
      text = '';
    };
    for await (const record of store.audit(this.#last.number + 1)) {
      // One file after the other, so that the highest number in them is always the last that was written.
      if (text.length > batchLength || (batch[0] && fileOf(batch[0]) !== fileOf(record))) await flush();
      batch.push(record);
      text += lineOf(record);
    }
    await flush();
  }

  async #whereItWas(): Promise<Head> {
    const { folder, store, notice } = this.#options;
    const last = await lastWritten(folder);
    if (last.number === 0) return last;
    for await (const { hash } of store.audit(last.number)) {
      if (hash === last.hash) return last;
      break;
    }
    const suffix = await setAside(folder);
    notice(
      `The log in ${folder} ends with record ${last.number} of another audit trail than the store's: was the store replaced, or its past changed? Its files are kept as *${suffix}, and the log begins anew.`,
    );
    return lastWritten(folder);
  }
}
