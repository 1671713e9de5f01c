import { type Component, type OwnComponent, stack } from '../stack.ts';

/** The components that are Go programs to build; Grafana cannot be built from a Go module, and ours need no build. */
export type NativeComponent = Exclude<Component, 'grafana' | OwnComponent>;

export interface Binary {
  /** What the Go build makes, and the package it is made from. The first is the server. */
  programs: Record<string, string>;
  /** Names to look for on PATH. */
  onPath: readonly string[];
  /** The releases (major.minor) whose configuration we write. */
  accepts: readonly string[];
  /** `-tags` of the Go build. */
  tags?: string;
  /** The Go variable that `--version` prints. */
  versionVariable?: string;
}

/** How each component comes to a machine without a container engine. */
export const binaries: Record<NativeComponent, Binary> = {
  collector: {
    programs: { otelcol: '.' },
    // Only the contrib distribution holds every component that the configuration uses.
    onPath: ['otelcol-contrib'],
    accepts: [minor(stack.collector.native.release)],
  },
  tempo: {
    programs: { tempo: `${stack.tempo.native.module}/cmd/tempo` },
    onPath: ['tempo'],
    accepts: [minor(tag(stack.tempo.image)), minor(stack.tempo.native.release)],
    versionVariable: 'main.Version',
  },
  loki: {
    programs: { loki: `${stack.loki.native.module}/cmd/loki` },
    onPath: ['loki'],
    accepts: [minor(stack.loki.native.release)],
    versionVariable: `${stack.loki.native.module}/pkg/util/build.Version`,
  },
  prometheus: {
    programs: {
      prometheus: `${stack.prometheus.native.module}/cmd/prometheus`,
      promtool: `${stack.prometheus.native.module}/cmd/promtool`,
    },
    onPath: ['prometheus'],
    accepts: [minor(stack.prometheus.native.release)],
    // Our targets are files, addresses and names; the cloud discoveries would triple the build.
    tags: 'netgo,remove_all_sd,enable_dns_sd',
    versionVariable: 'github.com/prometheus/common/version.Version',
  },
  alertmanager: {
    programs: {
      alertmanager: `${stack.alertmanager.native.module}/cmd/alertmanager`,
      amtool: `${stack.alertmanager.native.module}/cmd/amtool`,
    },
    onPath: ['alertmanager'],
    accepts: [minor(tag(stack.alertmanager.image)), minor(stack.alertmanager.native.release)],
    versionVariable: 'github.com/prometheus/common/version.Version',
  },
};

/** `3.15.0` → `3.15`, `v0.34.2` → `0.34`. */
export function minor(version: string): string {
  return version.replace(/^v/, '').split('.').slice(0, 2).join('.');
}

function tag(image: string): string {
  return image.slice(image.lastIndexOf(':') + 1);
}
