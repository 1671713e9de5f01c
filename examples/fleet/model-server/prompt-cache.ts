import { hash } from 'node:crypto';
import type { Model } from './models.ts';
import { charactersOf, type Prompt } from './prompt.ts';

const smallestTokens = 1024;
const stepTokens = 128;
const automaticMs = 5 * 60_000;

interface Cut {
  /** Characters from the start. */
  end: number;
  keepMs: number;
}

/** Beginnings of prompts that were seen not long ago. Bounded: the one unused for longest gives way. */
export class PromptCache {
  readonly #limit: number;
  /** When the beginning with this fingerprint is forgotten; in the order of their last use. */
  readonly #expiry = new Map<string, number>();

  /** `limit`: beginnings to remember. */
  constructor(limit = 20_000) {
    this.#limit = limit;
  }

  /**
   * How much of the prompt is read from the cache and how much is written to it, in tokens; remembers the prompt.
   * OpenAI: by itself, from 1024 tokens on, in steps of 128, for five minutes after the last use.
   * Anthropic: up to the blocks with `cache_control`, from 1024 tokens on, for the time they give.
   */
  use(model: Model, { segments }: Prompt, nowMs: number): { cached: number; written: number } {
    const length = segments.reduce((sum, { text }) => sum + text.length, 0);
    if (length < charactersOf(smallestTokens)) return { cached: 0, written: 0 };
    const cuts = model.provider === 'openai' ? automaticCuts(length) : markedCuts(segments);
    const found = this.#recall(model.id, segments.map(({ text }) => text).join(''), cuts, nowMs);
    const cached = Math.floor(found / charactersOf(1));
    const kept = Math.floor((cuts.at(-1)?.end ?? 0) / charactersOf(1));
    return { cached, written: model.provider === 'openai' ? 0 : kept - cached };
  }

  #recall(scope: string, text: string, cuts: readonly Cut[], nowMs: number): number {
    let found = 0;
    let start = 0;
    let fingerprint = scope;
    for (const { end, keepMs } of cuts) {
      fingerprint = hash('sha1', fingerprint + text.slice(start, end), 'base64');
      if ((this.#expiry.get(fingerprint) ?? 0) > nowMs) found = end;
      this.#expiry.delete(fingerprint);
      this.#expiry.set(fingerprint, nowMs + keepMs);
      start = end;
    }
    for (const oldest of this.#expiry.keys()) {
      if (this.#expiry.size <= this.#limit) break;
      this.#expiry.delete(oldest);
    }
    return found;
  }
}

function automaticCuts(length: number): Cut[] {
  const cuts: Cut[] = [];
  for (let end = charactersOf(smallestTokens); end <= length; end += charactersOf(stepTokens))
    cuts.push({ end, keepMs: automaticMs });
  return cuts;
}

function markedCuts(segments: Prompt['segments']): Cut[] {
  const cuts: Cut[] = [];
  let end = 0;
  for (const { text, keepMs } of segments) {
    end += text.length;
    if (keepMs !== undefined && end >= charactersOf(smallestTokens)) cuts.push({ end, keepMs });
  }
  return cuts;
}
