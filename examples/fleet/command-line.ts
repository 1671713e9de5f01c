import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { type CommandLine, type Request, requestSchema } from './requests.ts';

/** The commands that people may give, what each asks for, and in how many ms it promises an answer. */
export const commands = {
  implement: { kind: 'feature', complexity: 'medium', targetMs: 60_000 },
  fix: { kind: 'bugfix', complexity: 'medium', targetMs: 60_000 },
  ask: { kind: 'question', complexity: 'low', targetMs: 20_000 },
  release: { kind: 'release', complexity: 'high', targetMs: 120_000 },
} as const;

/** The first word of the line. */
export function commandType(line: string): keyof typeof commands | 'unknown' {
  const word = line.trim().split(/\s/, 1)[0] as string;
  return Object.hasOwn(commands, word) ? (word as keyof typeof commands) : 'unknown';
}

/** `implement "a slug of titles" --repository acme/app --complexity high` as a request. @throws SyntaxError */
export function parseCommand({ number, line }: Pick<CommandLine, 'number' | 'line'>): Request {
  const type = commandType(line);
  if (type === 'unknown') {
    throw new SyntaxError(`Cannot read "${line}": a command is one of ${Object.keys(commands).join(', ')}.`);
  }
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const { values, positionals } = parse(words.slice(1), line);
  const { kind, complexity } = commands[type];
  const result = v.safeParse(requestSchema, {
    ...{ number, kind, complexity, trigger: 'manual', subject: positionals.join(' '), repository: 'acme/app' },
    ...values,
  });
  if (result.success) return result.output;
  throw new SyntaxError(`Cannot read "${line}": ${v.getDotPath(result.issues[0])}: ${result.issues[0].message}.`);
}

function parse(args: string[], line: string) {
  try {
    const option = { type: 'string' } as const;
    return parseArgs({
      args,
      allowPositionals: true,
      options: { repository: option, complexity: option, package: option },
    });
  } catch (cause) {
    throw new SyntaxError(`Cannot read "${line}": ${(cause as Error).message}`, { cause });
  }
}
