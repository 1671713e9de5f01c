/** What the API server of a version knows of each object, as strict JSON Schema: a field that it does not know is refused. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { execa } from 'execa';
import { load } from 'js-yaml';

/** The last of each minor version that is supported. */
export const kubernetesVersions = ['1.34.4', '1.35.4', '1.36.3'] as const;

const certManagerVersion = '1.21.2';

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
  const folder = await sourceOf(`k8s.io/kubernetes@v${version}`);
  const text = readFileSync(join(folder, 'api', 'openapi-spec', 'swagger.json'), 'utf8');
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
    return (validate.errors ?? []).map(told);
  };
}

/** The same of what cert-manager adds to an API server. */
export async function checkOfCertManager(): Promise<Check> {
  const folder = join(await sourceOf(`github.com/cert-manager/cert-manager@v${certManagerVersion}`), 'deploy', 'crds');
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const known = new Map<string, ValidateFunction>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    const { spec } = load(readFileSync(join(folder, file), 'utf8')) as CustomResource;
    for (const { name, schema } of spec.versions) {
      const { properties = {}, ...rest } = schema.openAPIV3Schema;
      // Of the names and labels that every object has, the API server knows itself.
      const validate = ajv.compile({
        ...strict('', {
          ...rest,
          properties: { ...properties, metadata: { type: 'object', additionalProperties: true } },
        }),
      });
      known.set(`${spec.group}/${name} ${spec.names.kind}`, validate);
    }
  }
  return (object) => {
    const validate = known.get(`${object.apiVersion} ${object.kind}`);
    if (!validate) return [`${object.apiVersion} ${object.kind} is not known`];
    validate(object);
    return (validate.errors ?? []).map(told);
  };
}

interface CustomResource {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: { readonly name: string; readonly schema: { readonly openAPIV3Schema: Definition } }[];
  };
}

function told({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath || '/'} ${message} ${JSON.stringify(params)}`;
}

async function sourceOf(module: string): Promise<string> {
  const { stdout } = await execa('go', ['mod', 'download', '-json', module]);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
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
