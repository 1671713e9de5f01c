import { modelKey } from './price-file.ts';

/** What a model id says, in the words of the table's keys. */
export interface ModelId {
  /** The id as it is. */
  key: string;
  /** Who runs the model, where the id says so, e.g. `openai` in `openai/gpt-4o`; the last one counts. */
  vendors: string[];
  /** What it may be called there, the most literal first. Each must match a name of the table whole. */
  spellings: string[];
  /** On Bedrock: a `global.` profile costs the maker's list price, any other what AWS lists. */
  profile: 'global' | 'regional' | undefined;
}

// projects/p/locations/l/publishers/google/models/gemini-2.5-pro, models/gemini-2.5-pro
const googlePath = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/([^/]+)\/)?models\/([^/]+)$/;
// arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0
const bedrockArn = /^arn:aws[\w-]*:bedrock:[^/]*\/([^/]+)$/;
// us.anthropic.claude-sonnet-4-5-20250929-v1:0
const bedrockId = /^(?:([a-z]{2,6}|us-gov)\.)?(?:anthropic|openai)\.(.+?)(?:-v\d+)?(?::\d+k?){0,2}$/;
const dateAtTheEnd = /-20\d{2}(-?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])$/;

/** Takes apart what SDKs, gateways and clouds put around a model's name. Never shortens the name itself. */
export function readModelId(id: string): ModelId {
  const whole = id.trim().toLowerCase();
  const google = googlePath.exec(whole);
  const path = google ? [google[1], google[2]] : (bedrockArn.exec(whole)?.[1] ?? whole).split('/');
  const last = path.at(-1) ?? '';
  const bedrock = bedrockId.exec(last);
  const name = (bedrock?.[2] ?? last)
    .replace(/@(?:default|latest)$|\[1m\]$/, '')
    // Vertex: claude-sonnet-4-5@20250929
    .replace('@', '-')
    // OpenAI: ft:gpt-4o-mini-2024-07-18:our-company::id
    .replace(/^(ft:[^:]+):.*$/, '$1');
  return {
    key: modelKey(whole),
    vendors: [...path.slice(0, -1), ...(bedrock ? ['aws.bedrock'] : [])].filter((vendor) => vendor !== undefined),
    spellings: [...new Set([last, name, name.replace(dateAtTheEnd, '')].map(modelKey))],
    profile: bedrock ? (bedrock[1] === 'global' ? 'global' : 'regional') : undefined,
  };
}
