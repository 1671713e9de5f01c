import type { Random } from './random.ts';

/** A JSON schema, of which the usual keywords are read. */
export type Schema = Record<string, unknown>;

const deepest = 6;

/** A value that fits the schema: arguments of a tool call, or an answer in a JSON format. `subject` fills its texts. */
export function fromSchema(schema: Schema, subject: string, random: Random): unknown {
  return value(schema, 'value', 0);

  function value(given: Schema, name: string, depth: number): unknown {
    const node = resolve(given);
    if ('const' in node) return node.const;
    if (Array.isArray(node.enum) && node.enum.length > 0) return random.pick(node.enum);
    const variants = [node.anyOf, node.oneOf].find((list) => Array.isArray(list) && list.length > 0) as
      | Schema[]
      | undefined;
    if (variants) return value(variants.find(({ type }) => type !== 'null') ?? (variants[0] as Schema), name, depth);
    switch (typeOf(node)) {
      case 'object':
        return object(node, depth);
      case 'array':
        return array(node, name, depth);
      case 'integer':
      case 'number':
        return number(node);
      case 'boolean':
        return random.chance(0.5);
      case 'null':
        return null;
      default:
        return text(node, name);
    }
  }

  function object({ properties }: Schema, depth: number): Record<string, unknown> {
    if (depth >= deepest) return {};
    return Object.fromEntries(
      Object.entries((properties ?? {}) as Record<string, Schema>).map(([key, node]) => [
        key,
        value(node, key, depth + 1),
      ]),
    );
  }

  function array({ items, minItems, maxItems }: Schema, name: string, depth: number): unknown[] {
    if (depth >= deepest) return [];
    const least = Number(minItems ?? 1);
    const length = random.whole(least, Math.min(Number(maxItems ?? least + 2), least + 2));
    return Array.from({ length }, () => value((items ?? {}) as Schema, name, depth + 1));
  }

  function number({ type, minimum, maximum }: Schema): number {
    const least = Number(minimum ?? 0);
    const most = Number(maximum ?? least + 100);
    if (type === 'integer') return random.whole(Math.ceil(least), Math.floor(most));
    return Math.round((least + random.next() * (most - least)) * 100) / 100;
  }

  function text({ format }: Schema, name: string): string {
    if (format === 'date-time' || format === 'date') return format === 'date' ? '2026-01-15' : '2026-01-15T09:30:00Z';
    if (format === 'uri' || /url$/i.test(name)) return `https://example.org/${random.hex(6)}`;
    if (format === 'uuid')
      return `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`;
    if (/path|file/i.test(name)) return `src/${subject.split(' ').slice(-1)[0]?.toLowerCase()}.ts`;
    if (/id$/i.test(name)) return random.hex(12);
    return subject;
  }

  function resolve(node: Schema): Schema {
    const path = typeof node.$ref === 'string' ? node.$ref.split('/').slice(1) : [];
    return path.reduce<Schema>((at, key) => (at[key] ?? {}) as Schema, path.length > 0 ? schema : node);
  }
}

function typeOf({ type, properties }: Schema): unknown {
  if (Array.isArray(type)) return type.find((one) => one !== 'null') ?? 'null';
  return type ?? (properties ? 'object' : 'string');
}
