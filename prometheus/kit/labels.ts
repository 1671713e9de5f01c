/** Labels of the resource that identify whose series it is, as Prometheus has them. */
export const environment = 'deployment_environment_name';
export const service = 'service_name';
