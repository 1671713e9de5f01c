import type { FaultWindow } from './faults.ts';
import type { Progress } from './progress.ts';

export interface DemoOptions {
  /** Workflows a minute. */
  rate: number;
  /** How long to send; Infinity: until the signal. */
  seconds: number;
  /** How many to send at most. */
  workflows: number | undefined;
  seed: number;
  /** How many times faster models and people are. */
  speed: number;
  faults: readonly FaultWindow[];
  /** Where it is written down when which was on. */
  faultRecord: string;
  /** Folder that says where the fleet can be steered, and with which token. */
  control: string;
  /** Real models, in OpenAI's format; undefined: the local server. */
  modelUrl: string | undefined;
  anthropicUrl: string;
  /** OTLP/gRPC. */
  endpoint: string;
  /** Where it can be looked at; undefined: whoever started it knows. */
  grafana: string | undefined;
  env: NodeJS.ProcessEnv;
  progress: Progress;
  signal: AbortSignal;
}
