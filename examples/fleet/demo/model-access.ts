import type { ModelSettings } from '../models/ask.ts';
import { modelFaults } from './faults.ts';
import type { DemoOptions } from './options.ts';

type Access = Pick<DemoOptions, 'modelUrl' | 'anthropicUrl' | 'faults' | 'env'>;

/** @throws TypeError for what the options ask of models that are not ours. */
export function needModels({ modelUrl, faults, env }: Access): void {
  if (!modelUrl) return;
  const wrong = faults.find(({ kind }) => modelFaults[kind]);
  if (wrong) throw new TypeError(`Cannot switch on ${wrong.kind} with --model-url: leave one of them out.`);
  if (!env.OPENAI_API_KEY) throw new TypeError(`Cannot ask ${modelUrl}: no key. Set OPENAI_API_KEY.`);
}

/** How the fleet reaches its models: those at `ownUrl`, or real ones. */
export function modelSettings({ modelUrl, anthropicUrl, env }: Access, ownUrl: string | undefined): ModelSettings {
  if (ownUrl && !modelUrl) {
    return { openaiUrl: `${ownUrl}/v1`, openaiKey: 'local', anthropic: { url: ownUrl, key: 'local' }, house: true };
  }
  const anthropicKey = env.ANTHROPIC_API_KEY;
  return {
    openaiUrl: modelUrl ?? '',
    openaiKey: env.OPENAI_API_KEY ?? '',
    ...(anthropicKey && { anthropic: { url: anthropicUrl, key: anthropicKey } }),
  };
}
