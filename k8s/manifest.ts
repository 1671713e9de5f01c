/** What every manifest has: names and labels as Kubernetes recommends them. */
import own from '../package.json' with { type: 'json' };
import { type Part, parts } from '../stack.ts';

/** An object of the Kubernetes API, as it is written down. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string>; [key: string]: unknown };
  readonly [key: string]: unknown;
}

/** Everything lives in it, and nothing else does. */
export const namespace = 'fleetscope';

/** Of a namespace in which a pod that asks for more than the restricted standard allows is refused. */
export const restricted = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/enforce-version': 'latest',
  'pod-security.kubernetes.io/audit': 'restricted',
  'pod-security.kubernetes.io/warn': 'restricted',
};

/** By these a Service, a policy or a budget finds its pods: they never change. */
export function selector(part: Part): Record<string, string> {
  return { 'app.kubernetes.io/name': part, 'app.kubernetes.io/part-of': 'fleetscope' };
}

export function labels(part: Part): Record<string, string> {
  return { ...selector(part), 'app.kubernetes.io/version': versionOf(part) };
}

/** Of what belongs to no part. */
export const ownLabels = { 'app.kubernetes.io/part-of': 'fleetscope', 'app.kubernetes.io/version': own.version };

/** A tag may begin with a "v", and may be longer than a label. */
function versionOf(part: Part): string {
  return (parts[part].image.split(':').at(-1) as string).replace(/^v/, '').slice(0, 63);
}
