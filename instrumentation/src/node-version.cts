/**
 * The sentence for a Node that is too old, or undefined when it will do. Lowest: 22.15, as the OpenTelemetry SDK 3 asks.
 * CommonJS, and no syntax newer than Node 14: this is what an old Node has to be able to read.
 */
exports.refusal = (version: string): string | undefined => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 15)) return undefined;
  return `fleetscope: Not started: this is Node ${version}, and 22.15 or newer is needed. The service runs without telemetry; upgrade Node to get it.\n`;
};
