import * as v from 'valibot';
import type { Answer } from './answer.ts';
import type { Model, Provider } from './models.ts';
import type { Prompt } from './prompt.ts';
import { Refusal } from './refusal.ts';

/** One endpoint: how its requests are read and its answers written. */
export interface Wire {
  provider: Provider;
  path: string;
  kind: Model['kind'];
  /** @throws Refusal of status 400 that names the field. */
  read(body: unknown): Reading;
}

/** A request that was understood. */
export interface Reading {
  prompt: Prompt;
  /** The body of an answer in one piece. */
  whole(answer: Answer, call: CallFacts): unknown;
  /** The same answer as server-sent events, where the endpoint can. */
  stream?(answer: Answer, call: CallFacts): EventStream;
}

export interface CallFacts {
  /** Unique in this server; the ids of request and answer end with it. */
  suffix: string;
  createdMs: number;
}

export interface EventStream {
  start: string;
  pieces: string[];
  /** Holds the usage. */
  end: string;
}

/** A server-sent event; OpenAI's chat has no names. */
export function event(data: object, name?: string): string {
  return `${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
}

const pieceCharacters = 20;

/** The text in pieces of about five tokens. */
export function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; start += pieceCharacters)
    pieces.push(text.slice(start, start + pieceCharacters));
  return pieces;
}

/** @throws Refusal that names the first field that does not fit. */
export function parse<S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, body, { abortEarly: true });
  if (result.success) return result.output;
  const param = v.getDotPath(result.issues[0]);
  throw new Refusal(400, param ? `${param}: ${result.issues[0].message}` : result.issues[0].message, { param });
}

/** Text, or blocks of which the kinds are left to `textOf`. */
export const content = v.union([v.string(), v.array(v.looseObject({ type: v.string() }))]);

/** A JSON schema or another object that is passed on. */
export const anyObject = v.record(v.string(), v.unknown());
