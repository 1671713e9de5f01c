import type OpenAI from 'openai';
import * as v from 'valibot';
import { answeringName } from './models.ts';
import { charactersOf } from './prompt.ts';
import { Random } from './random.ts';
import { parse, type Wire } from './wire.ts';

/** `POST /v1/embeddings`. Texts that share words are near each other. */
export const embeddings: Wire = {
  provider: 'openai',
  path: '/v1/embeddings',
  kind: 'embedding',
  read(body) {
    const request = parse(embeddingRequest, body);
    const texts = textsOf(request.input);
    return {
      prompt: {
        ...{ model: request.model, stream: false, question: '', toolResults: 0 },
        ...{ tools: [], toolUse: 'never', parallelTools: false },
        segments: texts.map((text) => ({ text })),
      },
      whole: ({ model, tokens }) => ({
        object: 'list',
        data: texts.map((text, index) => {
          const vector = embed(text, request.dimensions ?? model.dimensions ?? 1536);
          const embedding = request.encoding_format === 'base64' ? base64(vector) : [...vector];
          return { object: 'embedding', index, embedding };
        }),
        model: answeringName(model),
        usage: {
          prompt_tokens: tokens.input,
          total_tokens: tokens.input,
        } satisfies OpenAI.CreateEmbeddingResponse['usage'],
      }),
    };
  },
};

const tokenNumbers = v.pipe(v.array(v.number()), v.minLength(1));

const embeddingRequest = v.object({
  model: v.string(),
  input: v.union([
    v.string(),
    v.pipe(v.array(v.string()), v.minLength(1)),
    tokenNumbers,
    v.pipe(v.array(tokenNumbers), v.minLength(1)),
  ]),
  dimensions: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3072))),
  encoding_format: v.optional(v.picklist(['float', 'base64'])),
});

function textsOf(input: v.InferOutput<typeof embeddingRequest>['input']): string[] {
  if (typeof input === 'string') return [input];
  const list = input.every((one) => typeof one === 'number') ? [input] : input;
  // A token that came as a number counts as one: it is written with the length of one.
  return list.map((one) =>
    typeof one === 'string'
      ? one
      : (one as number[])
          .map((token) => token.toString(36).padStart(charactersOf(1), ' ').slice(0, charactersOf(1)))
          .join(''),
  );
}

const directionsPerWord = 8;

function embed(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]) {
    const random = new Random(fingerprint(word));
    for (let count = 0; count < directionsPerWord; count += 1) {
      const at = random.whole(0, dimensions - 1);
      vector[at] = (vector[at] as number) + random.next() - 0.5;
    }
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

/** FNV-1a. */
function fingerprint(word: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) sum = Math.imul(sum ^ word.charCodeAt(at), 0x01000193);
  return sum;
}

function base64(vector: Float32Array): string {
  return Buffer.from(vector.buffer).toString('base64');
}
