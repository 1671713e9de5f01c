import type { Answer } from './answer.ts';
import type { Model } from './models.ts';
import type { Random } from './random.ts';

/** How fast a model is in one call, in milliseconds. */
export interface Pace {
  /** Before it reads the prompt. */
  waitMs: number;
  /** For each token of the prompt that the cache does not hold. */
  readTokenMs: number;
  /** For each token it thinks or writes. */
  writeTokenMs: number;
}

const readTokenMs = 0.02;

/** Always four draws of chance. `slowness`: a fault's factor over the server's speed; 0 is no waiting at all. */
export function paceOf(model: Model, random: Random, slowness: number): Pace {
  const waitMs = random.logNormal(model.firstTokenMs, 0.35);
  const perSecond = random.logNormal(model.tokensPerSecond, 0.2);
  return {
    waitMs: slowness * waitMs,
    readTokenMs: slowness * readTokenMs,
    writeTokenMs: perSecond > 0 ? (slowness * 1000) / perSecond : 0,
  };
}

/** From the request to the first token, and from there to the last. */
export function timesOf({ waitMs, readTokenMs, writeTokenMs }: Pace, { work }: Answer): Times {
  return {
    firstTokenMs: waitMs + readTokenMs * work.read + writeTokenMs * work.thought,
    writingMs: writeTokenMs * work.written,
  };
}

export interface Times {
  firstTokenMs: number;
  writingMs: number;
}
