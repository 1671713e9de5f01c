/** Grafana where it is reached from outside: everybody signs in with a provider of identities, by OpenID Connect. (docs/sign-in.md) */
import type { Place } from '../place.ts';
import { grafanaEnv } from './server.ts';

/** Setting → key of the ConfigMap that its owner makes: nothing in it is secret. */
export const signInSettings = {
  /** As people's browsers reach it: `https://grafana.example.com/`. */
  GF_SERVER_ROOT_URL: 'root-url',
  GF_AUTH_GENERIC_OAUTH_AUTH_URL: 'auth-url',
  GF_AUTH_GENERIC_OAUTH_TOKEN_URL: 'token-url',
  /** The provider's userinfo endpoint. */
  GF_AUTH_GENERIC_OAUTH_API_URL: 'api-url',
  GF_AUTH_GENERIC_OAUTH_CLIENT_ID: 'client-id',
  GF_AUTH_GENERIC_OAUTH_SCOPES: 'scopes',
  /** JMESPath over what the provider says of a person: Admin, Editor, Viewer, or nothing. */
  GF_AUTH_GENERIC_OAUTH_ROLE_ATTRIBUTE_PATH: 'role-attribute-path',
} as const;

/** Setting → key of the Secret. The database only where there are several of Grafana. */
export const signInSecrets = {
  GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET: 'client-secret',
  /** Encrypts what Grafana keeps: the same for all replicas, for as long as the database lives. */
  GF_SECURITY_SECRET_KEY: 'secret-key',
  /** `postgres://grafana:…@db.example.com:5432/grafana`: letters and digits alone in the password, Grafana does not quote it. */
  GF_DATABASE_URL: 'database-url',
} as const;

/** Name of the ConfigMap and of the Secret. */
export const signInName = 'fleetscope-grafana';

/** Its key `ca.crt`, where a private authority has signed the database's certificate: `…/grafana?sslrootcert=/etc/fleetscope/database/ca.crt`. */
export const databaseSecret = 'fleetscope-grafana-database';
export const databaseFolder = '/etc/fleetscope/database';

/** By setting: a text, or where Kubernetes takes it from. A pod whose key is missing does not start, and names it. */
export function signedInGrafanaEnv(place: Place): Record<string, string | object> {
  const several = place.replicas('grafana').length > 1;
  const { GF_DATABASE_URL, ...secrets } = signInSecrets;
  return {
    ...grafanaEnv(place),
    ...references('configMapKeyRef', signInSettings),
    ...references('secretKeyRef', { ...secrets, ...(several && { GF_DATABASE_URL }) }),
    GF_AUTH_ANONYMOUS_ENABLED: 'false',
    GF_AUTH_BASIC_ENABLED: 'false',
    GF_AUTH_DISABLE_LOGIN_FORM: 'true',
    GF_AUTH_GENERIC_OAUTH_ENABLED: 'true',
    GF_AUTH_GENERIC_OAUTH_NAME: 'single sign-on',
    GF_AUTH_GENERIC_OAUTH_AUTO_LOGIN: 'true',
    GF_AUTH_GENERIC_OAUTH_USE_PKCE: 'true',
    // Whoever is put out at the provider is out here when the token ends.
    GF_AUTH_GENERIC_OAUTH_USE_REFRESH_TOKEN: 'true',
    // Whoever has none of the roles does not come in.
    GF_AUTH_GENERIC_OAUTH_ROLE_ATTRIBUTE_STRICT: 'true',
    // Not `strict`: the way back from the provider begins on its page, and would come without the cookie.
    GF_SECURITY_COOKIE_SAMESITE: 'lax',
    GF_SECURITY_COOKIE_SECURE: 'true',
    GF_SECURITY_STRICT_TRANSPORT_SECURITY: 'true',
    GF_SECURITY_STRICT_TRANSPORT_SECURITY_MAX_AGE_SECONDS: '31536000',
    // Rules are Prometheus's: each of several Grafanas would evaluate its own for itself.
    ...(several && { GF_UNIFIED_ALERTING_EXECUTE_ALERTS: 'false' }),
    // Its own default is to encrypt nothing. What the address itself says of it counts more.
    ...(several && { GF_DATABASE_SSL_MODE: 'verify-full' }),
  };
}

function references(kind: 'configMapKeyRef' | 'secretKeyRef', settings: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(settings).map(([setting, key]) => [setting, { [kind]: { name: signInName, key } }]),
  );
}
