/** What every series in Prometheus carries of its sender's resource; the rest of the resource is on `target_info`. */
export const promotedResourceAttributes = [
  'service.name',
  'service.namespace',
  'service.version',
  'service.instance.id',
  'deployment.environment.name',
] as const;
