/** Between a hook of the policy and its run: what it is made from, and what can be started. */
import type { SecretRef } from '../secret.ts';

export interface HookDeps {
  /** @throws Error that names the variable or the file where there is none. */
  secret(ref: SecretRef): string;
  /** Of this service: a command sees those variables that its hook names. */
  env: Readonly<Record<string, string | undefined>>;
}

/** What a hook is made from. */
export interface Given {
  /** Of the run: the receiver can tell a second attempt by it. */
  key: string;
  parameters: Readonly<Record<string, string>>;
  secret(ref: SecretRef): string;
  env: HookDeps['env'];
}

/** A hook with its places filled. */
export interface Prepared {
  /** What it is, in full: `POST http://… with {…}`. */
  readonly description: string;
  /** Does it. @throws Error when it did not come to an end. */
  start(signal: AbortSignal): Promise<HookResult>;
}

export interface HookResult {
  ok: boolean;
  /** What came of it, for people: without secrets, at most some 2000 characters. */
  result: string;
}

/** Of its beginning and its end, so much is kept. */
export const keptCharacters = 1000;
