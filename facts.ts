/** What stack.ts says of each part. */
export interface Facts {
  /** The name people use. */
  title: string;
  /** Shipped container image, exact tag. */
  image: string;
  /** The Go module that a machine without a container engine builds, its exact version, and the release it is. */
  native?: { module: string; pin: string; release: string; stable?: string };
  /** Ours: a program of this repository, and the image that its own is built on. */
  own?: { version: string; base: string };
  /** Port by purpose, the same inside a container and natively. */
  ports: Record<string, number>;
  /** The ports a user reaches; the others stay between components. */
  published: readonly string[];
  /** Answers 2xx when the component can do its work. */
  ready: { port: string; path: string };
  /** Answers 2xx as long as the process is worth keeping, whatever its neighbours do. */
  alive: { port: string; path: string };
  /** The numeric user of its image. */
  user: number;
  /** Components it sends to or reads from: they are ready before it starts and stop after it. */
  needs: readonly string[];
  /** On Kubernetes it runs in the pods of that other part. */
  within?: string;
}

/** What it says of those that only some places have. */
export interface MoreFacts {
  within?: Facts['within'];
  /** One is as good as another: its pods have names by chance. */
  nameless?: true;
  /** Where it may stand beside the components on one machine. */
  published?: Facts['published'];
}
