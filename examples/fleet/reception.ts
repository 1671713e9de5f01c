import { moduleLoaded, observeUtilization } from '@fleetscope/instrumentation';
import { isCancelled } from './counts.ts';
import type { Fleet } from './fleet.ts';
import { Inbox } from './inbox.ts';
import { logger } from './logger.ts';
import type { CommandLine, Request } from './requests.ts';

export interface State {
  phase: 'waiting' | 'at work' | 'done' | 'failed' | 'called off';
  /** The answer, or what went wrong. */
  text?: string;
}

interface Kept extends State {
  feedback?: (score: number) => void;
}

type Item = { kind: 'request'; request: Request } | { kind: 'command'; command: CommandLine };

const statesKept = 2_000;

/** Takes what is asked, has the fleet work on so much of it at once, and knows what became of it. */
export class Reception {
  readonly #fleet: Fleet;
  readonly #inbox: Inbox<Item>;
  readonly #states = new Map<number, Kept>();
  readonly #watch: { stop(): void };

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    this.#inbox = new Inbox(fleet.control, (item) => this.#work(item));
    this.#watch = observeUtilization('capacity', () => this.#inbox.active / fleet.control.atOnce);
  }

  get active(): number {
    return this.#inbox.active;
  }

  /** @returns false when too much waits already. */
  take(item: Item): boolean {
    if (!this.#inbox.put(item)) return false;
    this.#know(numberOf(item), { phase: 'waiting' });
    return true;
  }

  stateOf(number: number): State | undefined {
    const known = this.#states.get(number);
    return known && { phase: known.phase, ...(known.text !== undefined && { text: known.text }) };
  }

  /** @returns false where there is no answer to judge. */
  feedback(number: number, score: number): boolean {
    const { feedback } = this.#states.get(number) ?? {};
    feedback?.(score);
    return feedback !== undefined;
  }

  /** Resolves when all that was taken has ended. */
  empty(): Promise<void> {
    return this.#inbox.empty();
  }

  /** Forgets what waits. @returns how many. */
  clear(): number {
    return this.#inbox.clear();
  }

  close(): void {
    this.#inbox.close();
    this.#watch.stop();
  }

  async #work(item: Item): Promise<void> {
    const number = numberOf(item);
    this.#know(number, { phase: 'at work' });
    try {
      this.#know(number, { phase: 'done', ...(await this.#run(item)) });
      logger.info({ number }, 'done');
    } catch (error) {
      const calledOff = isCancelled(error);
      this.#know(number, { phase: calledOff ? 'called off' : 'failed', text: (error as Error).message });
      if (calledOff) logger.info({ number }, 'called off');
      else logger.warn({ number, err: error }, 'failed');
    }
  }

  async #run(item: Item): Promise<Omit<Kept, 'phase'>> {
    if (item.kind === 'command') {
      const { runCommand } = await this.#load('commands', () => import('./run-command.ts'));
      return runCommand(this.#fleet, item.command);
    }
    const { runRequest } = await this.#load('workflows', () => import('./run-request.ts'));
    const { commit } = await runRequest(this.#fleet, item.request);
    return { text: commit ? `Committed ${commit}.` : 'Answered.' };
  }

  readonly #loaded = new Map<string, Promise<unknown>>();

  /** A module, when it is first needed. */
  #load<M>(name: string, load: () => Promise<M>): Promise<M> {
    const known = this.#loaded.get(name) as Promise<M> | undefined;
    if (known) return known;
    const loading = load();
    this.#loaded.set(name, loading);
    loading.then(
      () => moduleLoaded(name, true),
      () => moduleLoaded(name, false),
    );
    return loading;
  }

  #know(number: number, state: Kept): void {
    this.#states.delete(number);
    this.#states.set(number, state);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= statesKept) break;
      this.#states.delete(oldest);
    }
  }
}

function numberOf(item: Item): number {
  return item.kind === 'command' ? item.command.number : item.request.number;
}
