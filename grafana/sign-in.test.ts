import { expect, test } from 'vitest';
import { single, sizes, team } from '../k8s/size.ts';
import { kubernetes } from '../place.ts';
import { signedInGrafanaEnv, signInSecrets, signInSettings } from './sign-in.ts';

test('P06 in every size of Kubernetes nobody reads without signing in, and there is no password to guess', () => {
  for (const size of sizes) {
    expect(signedInGrafanaEnv(kubernetes(size))).toMatchObject({
      GF_AUTH_ANONYMOUS_ENABLED: 'false',
      GF_AUTH_BASIC_ENABLED: 'false',
      GF_AUTH_DISABLE_LOGIN_FORM: 'true',
      GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
      GF_USERS_ALLOW_SIGN_UP: 'false',
      GF_AUTH_GENERIC_OAUTH_ENABLED: 'true',
      GF_AUTH_GENERIC_OAUTH_ROLE_ATTRIBUTE_STRICT: 'true',
      GF_SECURITY_COOKIE_SECURE: 'true',
      GF_SECURITY_STRICT_TRANSPORT_SECURITY: 'true',
    });
  }
});

test('P06 what a team sets and what is secret is taken from its ConfigMap and its Secret, key by key', () => {
  const env = signedInGrafanaEnv(kubernetes(team));
  for (const [setting, key] of Object.entries(signInSettings))
    expect(env[setting]).toEqual({ configMapKeyRef: { name: 'fleetscope-grafana', key } });
  for (const [setting, key] of Object.entries(signInSecrets))
    expect(env[setting]).toEqual({ secretKeyRef: { name: 'fleetscope-grafana', key } });
  // Nothing secret stands in the manifest itself.
  const texts = Object.entries(env).filter(([, value]) => typeof value === 'string');
  expect(texts.map(([name]) => name).filter((name) => /SECRET|PASSWORD|DATABASE_URL/.test(name))).toEqual([]);
});

test('P06 several Grafanas share a database; one has its own', () => {
  expect(signedInGrafanaEnv(kubernetes(team))).toHaveProperty('GF_DATABASE_URL');
  expect(signedInGrafanaEnv(kubernetes(team))).toHaveProperty('GF_UNIFIED_ALERTING_EXECUTE_ALERTS', 'false');
  expect(signedInGrafanaEnv(kubernetes(single))).not.toHaveProperty('GF_DATABASE_URL');
});

test('P06 the database that they share is asked for a certificate, unless its address says otherwise', () => {
  expect(signedInGrafanaEnv(kubernetes(team))).toHaveProperty('GF_DATABASE_SSL_MODE', 'verify-full');
  expect(signedInGrafanaEnv(kubernetes(single))).not.toHaveProperty('GF_DATABASE_SSL_MODE');
});
