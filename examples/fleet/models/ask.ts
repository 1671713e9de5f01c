import type { FleetControl } from '@fleetscope/instrumentation';
import type { Counts } from '../counts.ts';
import type { Answers, Format } from '../model-server/answers.ts';
import { watch } from '../tools/part.ts';
import { parseAnswer } from './parse-answer.ts';
import { plainClient } from './plain-client.ts';
import { systemPrompt } from './prompts.ts';
import { remedyFor } from './retry.ts';
import { costOf, embeddingModel, fallbackModel, roster, usualModel } from './roster.ts';
import { anthropicClient, openaiClient, type Question, type Reply } from './sdk-clients.ts';

export interface ModelSettings {
  /** OpenAI's format, with `/v1`. */
  openaiUrl: string;
  openaiKey: string;
  /** Without: nothing is asked of Anthropic. */
  anthropic?: { url: string; key: string };
  /** Whether our own models are there too. */
  house?: boolean;
}

export interface Models {
  /** Asks for an answer of a format, of the usual model or of `model`, and of another one when that fails. */
  ask<F extends Format>(format: F, prompt: string, model?: string): Promise<Answers[F]>;
  embed(text: string): Promise<Float32Array>;
}

interface Surroundings {
  counts: Counts;
  control: Pick<FleetControl, 'fallbackFor' | 'isOpen'>;
  signal: AbortSignal;
  pause(ms: number): Promise<void>;
}

export function openModels(settings: ModelSettings, { counts, control, signal, pause }: Surroundings): Models {
  const openai = openaiClient(settings.openaiUrl, settings.openaiKey);
  const anthropic = settings.anthropic && anthropicClient(settings.anthropic.url, settings.anthropic.key);
  const plain = plainClient(settings.openaiUrl, settings.openaiKey);

  const send = (format: Format, question: Question): Promise<Reply> => {
    const { provider = 'openai', tellsTokens = true } = roster[question.model] ?? {};
    if (provider === 'house') return plain.stream({ ...question, provider, tellsTokens });
    if (provider === 'anthropic' && anthropic) return anthropic.stream(question);
    if (format === 'research') return openai.respond(question);
    return format === 'code' ? openai.stream(question) : openai.chat(question);
  };

  const isThere = (model: string): boolean => {
    const provider = roster[model]?.provider ?? 'openai';
    return provider === 'openai' || (provider === 'anthropic' ? anthropic : settings.house) !== undefined;
  };

  /** Another one where somebody ordered it, or to keep away from this one. */
  const standIn = (model: string): string => {
    const ordered = control.fallbackFor('model') ?? (control.isOpen(model) ? fallbackModel : undefined);
    return ordered !== undefined && Object.hasOwn(roster, ordered) && isThere(ordered) ? ordered : model;
  };

  const counted = async (model: string, reply: Promise<Reply>): Promise<string> => {
    const { text, tokens } = await counts.of('models', model, watch('models', reply));
    spend(counts, model, tokens);
    return text;
  };

  return {
    async ask(format, prompt, wanted = usualModel[format]) {
      const provided = standIn(isThere(wanted) ? wanted : usualModel[format]);
      const question = { model: provided, system: systemPrompt(format), prompt, signal };
      for (let attempts = 1; ; attempts += 1) {
        try {
          return parseAnswer(format, await counted(provided, send(format, question)));
        } catch (error) {
          signal.throwIfAborted();
          const remedy = remedyFor(error, attempts);
          if (remedy.kind === 'give up') throw error;
          if (remedy.kind === 'wait') {
            await pause(remedy.ms);
            continue;
          }
          const fallback = { from: provided, cause: remedy.cause };
          counts.add('fallbacks', `${provided} ${fallbackModel} ${remedy.cause}`);
          const reply = plain.stream({ ...question, provider: 'openai', model: fallbackModel, fallback });
          return parseAnswer(format, await counted(fallbackModel, reply));
        }
      }
    },

    async embed(text) {
      const embed = async () => {
        const reply = plain.embed(embeddingModel, text, signal);
        const { vector, tokens } = await counts.of('models', embeddingModel, watch('models', reply));
        spend(counts, embeddingModel, { input: tokens, output: 0 });
        return vector;
      };
      // Vectors of different models do not compare: nothing else can stand in.
      return embed().catch(async (error) => {
        signal.throwIfAborted();
        if (remedyFor(error, 1).kind === 'give up') throw error;
        await pause(embedAgainMs);
        return embed();
      });
    },
  };
}

const embedAgainMs = 300;

function spend(counts: Counts, model: string, tokens: Reply['tokens']): void {
  counts.add('tokens', `${model} input`, tokens.input);
  counts.add('tokens', `${model} output`, tokens.output);
  counts.add('usd', model, costOf(model, tokens));
}
