import { execa } from 'execa';

/** One call of the fleet API. `nsPerCall` is the median of the repetitions, what is exported included. */
export interface FleetCall {
  name: string;
  nsPerCall: number;
}

/** Runs every call of the table in a process of its own, preloaded like any other. */
export async function measureFleetCalls(endpoint: string, quick: boolean): Promise<FleetCall[]> {
  const { stdout } = await execa(
    process.execPath,
    ['--import', '@fleetscope/instrumentation/register', 'fleet-calls-process.ts', String(quick ? 200 : 20_000)],
    { cwd: import.meta.dirname, env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } },
  );
  return JSON.parse(stdout) as FleetCall[];
}
