import { readSetting } from '../settings.ts';

const off = ['false', 'no_content'];

/**
 * Whether prompts and answers are recorded. Off unless OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT says otherwise:
 * `true`, or one of the words that other languages use (`SPAN_ONLY`, `SPAN_AND_EVENT`, `EVENT_ONLY`). (I07)
 */
export function capturesContent(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return !off.includes(readSetting('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', env));
}
