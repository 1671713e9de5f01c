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
  /** Folder in the container → what it holds of a Secret: files that follow it without a restart. */
  readonly secretFiles?: Readonly<Record<string, SecretFiles>>;
  /** Ports beside those of stack.ts's part. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Folders that may be written, and are gone with the pod. */
  readonly scratch?: readonly string[];
  /** Seconds that it runs on after its address is gone, where it is not alone: who is connected looks for another meanwhile. Default 5. */
  readonly drainSeconds?: number;
  /** Seconds that it has to end, after that. */
  readonly graceSeconds: number;
  /** How it is asked whether it is well, where not as stack.ts says: the kubelet has no certificate to show. */
  readonly probes?: Probes;
  /** Seconds until it may be asked whether it is alive: replaying a log takes its time. */
  readonly startSeconds?: number;
  readonly milliCpu: number;
  /** Programs beside it in the same pod, which see its data. */
  readonly sidecars?: readonly Sidecar[];
}

export interface SecretFiles {
  readonly secret: string;
  readonly keys: readonly string[];
  /** The pod starts without it as well. */
  readonly optional?: true;
}

export interface Sidecar {
  readonly part: Part;
  /** In place of what the image runs. */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Variables;
  /** Folders of the pod's `configs` that it sees too. */
  readonly configs?: readonly string[];
  /** The same of its `scratch`. */
  readonly scratch?: readonly string[];
  readonly probes?: Probes;
  readonly milliCpu: number;
}

/** Handlers: `{ httpGet: … }`, `{ exec: … }`, `{ tcpSocket: … }`. */
export interface Probes {
  readonly ready: object;
  readonly alive: object;
  /** Seconds from one time that it is asked whether it is ready to the next. Default 5. */
  readonly everySeconds?: number;
  /** Seconds that it has to answer. Default 3. */
  readonly timeoutSeconds?: number;
}

/** A text, or where Kubernetes takes it from: `{ secretKeyRef: … }`. */
export type Variables = Readonly<Record<string, string | object>>;
