import { type Format, formatMarker } from '../model-server/answers.ts';

/** What a model is told before it is asked; with the shape of the answer, which real models need. */
export function systemPrompt(format: Format): string {
  return `${instructions[format]} Answer with JSON alone: ${shapes[format]}\n${formatMarker(format)}`;
}

const instructions: Record<Format, string> = {
  plan: 'You plan small changes to a code base as tasks for Research, Code and QA. The last task is a review.',
  decision: 'You choose one of the options and say how sure you are.',
  code: 'You write one small TypeScript module and its tests, which use node:assert.',
  research: 'You sum up what the pages say about the question, and name them.',
  review: 'You review what was made. Reject what you would not merge.',
};

const shapes: Record<Format, string> = {
  plan: '{"tasks": [{"type": "research" | "code" | "review", "agent": "Research" | "Code" | "QA", "title": string}]}',
  decision: '{"options": string[], "choice": string, "confidence": number from 0 to 1, "reasoning": string}',
  code: '{"language": "typescript", "code": string, "tests": string}; "tests" follows "code" in the same file.',
  research: '{"summary": string, "sources": [{"title": string, "url": string}]}',
  review:
    '{"verdict": "approve" | "reject", "issues": [{"severity": "minor" | "major" | "critical", "message": string}], "coverage": percent of lines that the tests run through}',
};
