import { hash } from 'node:crypto';

/** What an error is recognised by: the same trouble has the same one, whichever run, file or line of data it met. */
export interface ErrorSeen {
  readonly type?: string | null;
  readonly message?: string | null;
  /** As V8 or Python writes it, or one frame of it. Default: what of one stands in the message. */
  readonly stack?: string | null | undefined;
}

/** 12 hexadecimal digits of the SHA-256 of its type, its masked message and its top frame, if it has one. (B06) */
export function fingerprint({ type, message, stack }: ErrorSeen): string {
  const [first = ''] = (message ?? '').split('\n');
  return hash('sha256', [type ?? '', masked(first), topFrame(stack ?? message ?? '')].join('\n')).slice(0, 12);
}

/** Longer messages differ in what they quote; what is wrong stands at the beginning. */
const longest = 500;

/** The message without what differs from one time to the next: quotes, addresses, paths, ids, numbers. */
export function masked(message: string): string {
  return message
    .slice(0, longest)
    .replace(/"[^"]*"|`[^`]*`|“[^”]*”|(?<!\w)'[^']*'(?!\w)/g, '<text>')
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s)\]>,;]+/gi, '<url>')
    .replace(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, '<address>')
    .replace(/(?<![\w.<])(?:[a-z]:)?[.~]{0,2}(?:[\\/][\w.@+~-]+)+[\\/]?(?::\d+){0,2}/gi, '<path>')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>')
    .replace(/\b(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '<id>')
    .replace(/\b(?=[\w-]*\d[\w-]*\d)(?=[\w-]*[a-z])[\w-]{12,}\b/gi, '<id>')
    .replace(/[+-]?\d+(?:[.,:]\d+)*/g, '<n>')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}

/** Function and file of the first frame that is not the runtime's own; lines and folders move from one version to the next. */
function topFrame(stack: string): string {
  for (const line of stack.split('\n')) {
    const found =
      /^\s*at (?:(?:async )?(?<name>.+?) \()?(?<place>(?:file:|[a-z]:[\\/]|[\\/])[^)]*)\)?$/i.exec(line) ??
      /^\s*File "(?<place>[^"]+)", line \d+(?:, in (?<name>\S+))?/.exec(line);
    if (!found?.groups) continue;
    const { name = '', place = '' } = found.groups;
    return `${name}@${place
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/:\d+(:\d+)?$/, '')}`;
  }
  return '';
}
