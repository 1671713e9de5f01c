/** S3-compatible storage, where a place has one: the variables by which it is named, and the Secret that Kubernetes takes them from. */

/** Variable → key of the Secret. Loki, Tempo and Thanos expand the variables in their configurations. */
export const objectStoreVariables = {
  /** `host:port`, without a scheme. */
  FLEETSCOPE_S3_ENDPOINT: 'endpoint',
  FLEETSCOPE_S3_REGION: 'region',
  /** `true` for HTTP without TLS: of a store within reach of nobody else. */
  FLEETSCOPE_S3_INSECURE: 'insecure',
  /** One bucket each, so that a rule of one's life cycle cannot touch another's data. */
  FLEETSCOPE_S3_METRICS_BUCKET: 'metrics-bucket',
  FLEETSCOPE_S3_LOGS_BUCKET: 'logs-bucket',
  FLEETSCOPE_S3_TRACES_BUCKET: 'traces-bucket',
  AWS_ACCESS_KEY_ID: 'access-key-id',
  AWS_SECRET_ACCESS_KEY: 'secret-access-key',
} as const;

export type ObjectStoreVariable = keyof typeof objectStoreVariables;

/** Made by whoever has the store: `kubectl create secret generic`, a sealed or an external one. */
const objectStoreSecret = 'fleetscope-object-store';

/** The notation that the servers expand. `POD_IP`: the address of whoever reads it. */
export function fromEnvironment(name: ObjectStoreVariable | 'POD_IP'): string {
  return `\${${name}}`;
}

/** What a container that uses one bucket has in its environment. A Secret or a key that is missing is named by the pod, which does not start. */
export function objectStoreEnv(bucket: ObjectStoreVariable & `${string}_BUCKET`): Record<string, object> {
  const names = [
    ...['FLEETSCOPE_S3_ENDPOINT', 'FLEETSCOPE_S3_REGION', 'FLEETSCOPE_S3_INSECURE'],
    ...[bucket, 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  ] as ObjectStoreVariable[];
  return Object.fromEntries(
    names.map((name) => [name, { secretKeyRef: { name: objectStoreSecret, key: objectStoreVariables[name] } }]),
  );
}
