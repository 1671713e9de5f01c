import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import * as schema from './api-schema.ts';
import { type Operation, operations } from './operations.ts';

/** What /openapi.json says: OpenAPI 3.1, from the table that the server serves and the schemas that it reads by. */
export function openApi(publicUrl: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fleetscope escalation',
      version: '1',
      description: 'Incidents: who was told, what they answered, what is done next. People use /incidents.',
    },
    servers: [{ url: publicUrl }],
    security: [{ token: [] }],
    paths: Object.fromEntries(
      [...Map.groupBy(operations, ({ path }) => path.replaceAll(/:(\w+)/g, '{$1}'))].map(([path, here]) => [
        path,
        Object.fromEntries(here.map((operation) => [operation.method.toLowerCase(), described(operation)])),
      ]),
    ),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Incident: jsonSchema(schema.incident, 'output'),
        IncidentSummary: jsonSchema(schema.incidentSummary, 'output'),
        Refusal: jsonSchema(schema.refusal, 'output'),
      },
      responses: Object.fromEntries(
        Object.entries(refusals).map(([status, description]) => [
          status,
          { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } } },
        ]),
      ),
    },
  };
}

const refusals = {
  400: 'Something is missing or wrong; the error names it.',
  401: 'Without the token, or with a wrong one.',
  404: 'There is no such incident.',
  409: 'That cannot be done to it now.',
  413: 'The body is larger than 1 MiB.',
  503: 'Others were faster, again and again. Try again.',
};

function described({ method, path, id, summary, query, body, answer, type }: Operation) {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }));
  const asked = query ? Object.entries(jsonSchema(query, 'output').properties ?? {}) : [];
  const inQuery = asked.map(([name, schema]) => ({ name, in: 'query', schema, style: 'form', explode: false }));
  const refused = method === 'GET' ? [400, 401, 404] : [400, 401, 404, 409, 413, 503];
  return {
    operationId: id,
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input') } } },
    }),
    responses: {
      200: {
        description: summary,
        content: {
          [type ?? 'application/json']: {
            schema: answer === schema.incident ? incidentRef : jsonSchema(answer, 'output'),
          },
        },
      },
      ...Object.fromEntries(refused.map((status) => [status, { $ref: `#/components/responses/${status}` }])),
    },
  };
}

const incidentRef = { $ref: '#/components/schemas/Incident' };

function jsonSchema(from: v.GenericSchema, typeMode: 'input' | 'output') {
  const { $schema, ...rest } = toJsonSchema(from, { target: 'draft-2020-12', typeMode });
  return rest;
}
