import type { Provider } from './models.ts';

/** Why a call gets an error instead of an answer. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string | null;
  /** The field of the request that is wrong. */
  readonly param: string | null;
  readonly retryAfterS: number | undefined;

  constructor(
    status: number,
    message: string,
    more: { code?: string; param?: string | null; retryAfterS?: number } = {},
  ) {
    super(message);
    this.status = status;
    this.code = more.code ?? null;
    this.param = more.param ?? null;
    this.retryAfterS = more.retryAfterS;
  }
}

/** The body of an error as the provider writes it. */
export function refusalBody(provider: Provider, { status, message, code, param }: Refusal, requestId: string): object {
  const type = typesByStatus[provider][status] ?? (status < 500 ? 'invalid_request_error' : otherTypes[provider]);
  return provider === 'openai'
    ? { error: { message, type, param, code } }
    : { type: 'error', error: { type, message }, request_id: requestId };
}

export function missingKey(provider: Provider): Refusal {
  return provider === 'openai'
    ? new Refusal(401, "You didn't provide an API key. Give it as a header: Authorization: Bearer YOUR_KEY.")
    : new Refusal(401, 'x-api-key header is required');
}

export function unknownModel(provider: Provider, name: string): Refusal {
  return provider === 'openai'
    ? new Refusal(404, `The model \`${name}\` does not exist or you do not have access to it.`, {
        code: 'model_not_found',
      })
    : new Refusal(404, `model: ${name}`);
}

export function tooManyCalls(model: string, retryAfterS: number): Refusal {
  return new Refusal(429, `Rate limit reached for ${model}. Please try again in ${retryAfterS}s.`, {
    code: 'rate_limit_exceeded',
    retryAfterS,
  });
}

/** The provider's own failure, 5xx. */
export function outage(status: number): Refusal {
  return new Refusal(
    status,
    status === 500 ? 'The server had an error while processing your request.' : 'Overloaded, please try again later.',
  );
}

const typesByStatus: Record<Provider, Record<number, string>> = {
  openai: { 429: 'requests', 503: 'service_unavailable' },
  anthropic: {
    401: 'authentication_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    529: 'overloaded_error',
  },
};
const otherTypes: Record<Provider, string> = { openai: 'server_error', anthropic: 'api_error' };
