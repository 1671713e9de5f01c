/** By which certificates parts know each other, in the words of those who read them: always the same three files (place.ts's `tls`). (P06) */
import { certificateName, isMutual, type Place, scheme } from './place.ts';
import { type Part, type PortOf, podOf, probePorts } from './stack.ts';

/** Of every port that asks for a certificate, in the words of each: those who come are parts of ours, and all of them speak it. */
const leastTls = { prometheus: 'TLS13', collector: '1.3', dskit: 'VersionTLS13' } as const;

/** A client of Prometheus's kind that asks `server`, at whatever address. Nothing where parts have no certificates, as of the others here. */
export function tlsConfig({ tls }: Place, server: Part) {
  if (!tls) return {};
  const { authority, certificate, key } = tls;
  return {
    tls_config: { ca_file: authority, cert_file: certificate, key_file: key, server_name: certificateName(server) },
  };
}

/** The same of a port that may be plain. */
export function asked<P extends Part>(place: Place, server: P, port: PortOf<P>) {
  return isMutual(place, server, port) ? { scheme: scheme(place, server, port), ...tlsConfig(place, server) } : {};
}

/** What Prometheus's kind reads from files of its own, by name: it cannot stand in a configuration, nor on a command line. */
export function tlsFiles({ tls }: Place): Partial<Record<TlsFile, object>> {
  if (!tls) return {};
  const files = { cert_file: tls.certificate, key_file: tls.key };
  const server = {
    ...files,
    ...{ client_ca_file: tls.authority, client_auth_type: 'RequireAndVerifyClientCert' },
    min_version: leastTls.prometheus,
  };
  const client = { ...files, ca_file: tls.authority };
  return {
    // Its servers of HTTP: read again for each connection, and so is all that it names.
    'web-tls': { tls_server_config: server },
    // Its tools, where the kubelet runs them beside a server to ask whether it is well.
    'probe-tls': { tls_config: client },
    // Alertmanagers among themselves: they dial addresses.
    'gossip-tls': {
      tls_server_config: server,
      tls_client_config: { ...client, server_name: certificateName('alertmanager') },
    },
  };
}

export type TlsFile = 'web-tls' | 'probe-tls' | 'gossip-tls';

/** The argument that names one of them. */
export function tlsArgument(flag: string, { tls }: Place, name: TlsFile): string[] {
  return tls ? [`${flag}=${tls.configs}/${name}.yaml`] : [];
}

/** A receiver of the Collector's kind; Tempo has one too. */
export function receiverTls({ tls }: Place) {
  if (!tls) return {};
  const { authority, certificate, key } = tls;
  return {
    tls: {
      ...{ client_ca_file: authority, client_ca_file_reload: true },
      ...{ cert_file: certificate, key_file: key, min_version: leastTls.collector, reload_interval: '1m' },
    },
  };
}

/** An exporter of the Collector's. */
export function exporterTls({ tls }: Place, server: Part) {
  if (!tls) return {};
  const { authority, certificate, key } = tls;
  return {
    tls: {
      ...{ ca_file: authority, cert_file: certificate, key_file: key, reload_interval: '1m' },
      server_name_override: certificateName(server),
    },
  };
}

/** The same by gRPC, which has to be told where it is plain. */
export function grpcExporterTls(place: Place, server: Part) {
  return place.tls ? exporterTls(place, server) : { tls: { insecure: true } };
}

/** The servers of Loki and Tempo, which are built of the same pieces (grafana/dskit): a certificate is read again for each connection, the authority once. */
export function dskitServer({ tls }: Place) {
  if (!tls) return {};
  const files = {
    ...{ cert_file: tls.certificate, key_file: tls.key },
    ...{ client_ca_file: tls.authority, client_auth_type: 'RequireAndVerifyClientCert' },
  };
  return { tls_min_version: leastTls.dskit, http_tls_config: files, grpc_tls_config: files };
}

/** Their clients by gRPC. */
export function dskitClient(place: Place, server: Part) {
  return place.tls ? { grpc_client_config: { tls_enabled: true, ...dskitPaths(place, server) } } : {};
}

/** What every client of theirs has. */
export function dskitPaths({ tls }: Place, server: Part) {
  if (!tls) return {};
  return {
    ...{ tls_ca_path: tls.authority, tls_cert_path: tls.certificate, tls_key_path: tls.key },
    tls_server_name: certificateName(server),
  };
}

/** Where the kubelet asks them, which has no certificate: a second server, in plain. */
export function dskitProbes(place: Place, part: 'tempo' | 'loki' | 'loki-read' | 'loki-backend') {
  if (!place.tls) return {};
  return {
    internal_server: {
      enable: true,
      ...{ http_listen_address: place.bind, http_listen_port: probePorts[part] },
      // It opens one for gRPC as well, which nobody needs.
      grpc_listen_address: '127.0.0.1',
    },
  };
}

/** In Kubernetes: Secrets with `ca.crt`, `tls.crt` and `tls.key`. One name for all of them where they are made: they are worth something together alone. */
export const partsCertificates = 'fleetscope-tls';

/** `doctor`: it is no part, and asks them. */
export function partSecret(part: Part | 'doctor'): string {
  return `${partsCertificates}-${part === 'doctor' ? part : podOf(part)}`;
}
