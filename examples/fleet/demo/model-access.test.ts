import { expect, test } from 'vitest';
import { parseFault } from './faults.ts';
import { modelSettings, needModels } from './model-access.ts';

const local = { modelUrl: undefined, anthropicUrl: 'https://anthropic.example', faults: [], env: {} };
const real = { ...local, modelUrl: 'https://models.example/v1', env: { OPENAI_API_KEY: 'o', ANTHROPIC_API_KEY: 'a' } };

test('the local models need no key and never see one', () => {
  expect(() => needModels(local)).not.toThrow();
  const settings = modelSettings({ ...local, env: real.env }, 'http://127.0.0.1:1');
  expect(settings).toEqual({
    ...{ openaiUrl: 'http://127.0.0.1:1/v1', openaiKey: 'local', house: true },
    anthropic: { url: 'http://127.0.0.1:1', key: 'local' },
  });
});

test('real models are asked with the user’s keys, Anthropic only with one, and our own are not there', () => {
  expect(() => needModels(real)).not.toThrow();
  expect(modelSettings(real, undefined)).toEqual({
    ...{ openaiUrl: 'https://models.example/v1', openaiKey: 'o' },
    anthropic: { url: 'https://anthropic.example', key: 'a' },
  });
  expect(modelSettings({ ...real, env: { OPENAI_API_KEY: 'o' } }, undefined)).not.toHaveProperty('anthropic');
});

test('real models without a key, or with a fault that only ours can have, are refused', () => {
  expect(() => needModels({ ...real, env: {} })).toThrow(/no key. Set OPENAI_API_KEY/);
  expect(() => needModels({ ...real, faults: [parseFault('slow-model')] })).toThrow(/^Cannot switch on slow-model/);
  expect(() => needModels({ ...real, faults: [parseFault('silent-agent')] })).not.toThrow();
});
