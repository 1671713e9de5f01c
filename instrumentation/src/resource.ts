import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Resource } from '@opentelemetry/resources';
import type { App } from './app.ts';
import type { Config } from './config.ts';
import { scopeName, scopeVersion } from './fleet/scope-name.ts';
import { resources } from './sdk.ts';

/**
 * Who is sending. No detector of the SDK is used: those for clouds ask the network, the one for the process would send
 * the whole command line, where people put tokens, and one pending attribute would keep the last batch from leaving at exit.
 */
export function buildResource(config: Pick<Config, 'serviceName' | 'resourceAttributes'>, app: App): Resource {
  return resources.defaultResource().merge(
    resources.resourceFromAttributes({
      'service.name': app.name ?? 'unknown_service:node',
      ...(app.version && { 'service.version': app.version }),
      'service.instance.id': randomUUID(),
      'host.name': hostname(),
      'host.arch': process.arch === 'x64' ? 'amd64' : process.arch,
      'os.type': process.platform === 'win32' ? 'windows' : process.platform,
      'process.pid': process.pid,
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
      'telemetry.distro.name': scopeName,
      'telemetry.distro.version': scopeVersion,
      ...config.resourceAttributes,
      ...(config.serviceName && { 'service.name': config.serviceName }),
    }),
  );
}
