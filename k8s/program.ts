/** What a part needs to run: its arguments, its files, its time. */
import type { Part } from '../stack.ts';

/** How a part is run. */
export interface Program {
  /** `StatefulSet`: a name and a volume of its own for each replica, which outlive it. `Deployment`: any is as good as another. */
  readonly kind?: 'StatefulSet' | 'Deployment';
  readonly args?: readonly string[];
  readonly env?: Variables;
  readonly envFrom?: readonly object[];
  /** Folder in the container → ConfigMap, or several that share it. */
  readonly configs?: Readonly<Record<string, string | readonly string[]>>;
  /** Folders that may be written, and are gone with the pod. */
  readonly scratch?: readonly string[];
  /** Seconds that it has to end. */
  readonly graceSeconds: number;
  /** Seconds until it may be asked whether it is alive: replaying a log takes its time. */
  readonly startSeconds?: number;
  readonly milliCpu: number;
  /** Programs beside it in the same pod, which see its data. */
  readonly sidecars?: readonly Sidecar[];
}

export interface Sidecar {
  readonly part: Part;
  readonly args: readonly string[];
  readonly env?: Variables;
  readonly milliCpu: number;
}

/** A text, or where Kubernetes takes it from: `{ secretKeyRef: … }`. */
export type Variables = Readonly<Record<string, string | object>>;
