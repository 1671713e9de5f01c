/** What the API server of a version knows of each object, as strict JSON Schema: a field that it does not know is refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { execa } from 'execa';

/** The last of each minor version that is supported. */
export const kubernetesVersions = ['1.34.4', '1.35.4', '1.36.3'] as const;

interface Definition {
  type?: string;
  format?: string;
  properties?: Record<string, Definition>;
  additionalProperties?: Definition | boolean;
  items?: Definition;
  $ref?: string;
  required?: string[];
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}

/** @returns what is wrong with an object, each with its path; `[]` when nothing is. */
export type Check = (object: { apiVersion: string; kind: string }) => string[];

/** Reads them from the release's own Go module, which the module cache keeps. */
export async function checkOf(version: string): Promise<Check> {
  const { stdout } = await execa('go', ['mod', 'download', '-json', `k8s.io/kubernetes@v${version}`]);
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  const text = readFileSync(join(Dir, 'api', 'openapi-spec', 'swagger.json'), 'utf8');
  const { definitions } = JSON.parse(text) as { definitions: Record<string, Definition> };
  const names = new Map<string, string>();
  for (const [name, definition] of Object.entries(definitions)) {
    const known = definition['x-kubernetes-group-version-kind'] ?? [];
    if (known.length === 1) for (const one of known) names.set(keyOf(one), name);
  }
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const schema = Object.fromEntries(Object.entries(definitions).map(([name, one]) => [name, strict(name, one)]));
  ajv.addSchema({ $id: 'kubernetes', definitions: schema });
  const compiled = new Map<string, ValidateFunction>();
  return (object) => {
    const [version = '', group = ''] = object.apiVersion.split('/').toReversed();
    const key = keyOf({ group, version, kind: object.kind });
    const name = names.get(key);
    if (!name) return [`${key} is not known`];
    const validate = compiled.get(name) ?? ajv.compile({ $ref: `kubernetes#/definitions/${name}` });
    compiled.set(name, validate);
    validate(object);
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
    );
  };
}

function keyOf({ group, version, kind }: { group: string; version: string; kind: string }): string {
  return `${group ? `${group}/` : ''}${version} ${kind}`;
}

function strict(name: string, definition: Definition): object {
  // Both are written as a number or as a text.
  if (definition.format === 'int-or-string' || name.endsWith('.resource.Quantity'))
    return { type: ['string', 'integer', 'number'] };
  const { properties, additionalProperties, items } = definition;
  return {
    ...definition,
    ...(items && { items: strict('', items) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: strict('', additionalProperties) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, strict('', one)])),
      additionalProperties: additionalProperties ?? false,
    }),
  };
}
