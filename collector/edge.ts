import type { Place } from '../place.ts';

/** What a place with senders from outside adds: a second door, where TLS and a token stand in for the network policy. */
export function edge({ edge, bind }: Place) {
  if (!edge) return { extensions: {}, receivers: {} };
  const { ports, certificate, key, tokens } = edge;
  const shared = {
    tls: { cert_file: certificate, key_file: key, min_version: '1.2', reload_interval: '1m' },
    auth: { authenticator: 'bearertokenauth/edge' },
  };
  return {
    // Each line of the file is a token, and the file is read again when it changes: nobody has to be cut off for a new one.
    extensions: { 'bearertokenauth/edge': { filename: tokens } },
    receivers: {
      'otlp/edge': {
        protocols: {
          grpc: {
            endpoint: `${bind}:${ports['edge-grpc']}`,
            ...shared,
            // gRPC reads a message before it asks for the token: gRPC's own default is what a stranger may have unpacked.
            max_recv_msg_size_mib: 4,
            max_concurrent_streams: 100,
            keepalive: {
              // A balancer of connections sees new Collectors only when the old ones are given up.
              server_parameters: {
                max_connection_age: '5m',
                max_connection_age_grace: '30s',
                max_connection_idle: '5m',
              },
            },
          },
          // Without `cors`: no page of a browser has a token.
          http: {
            endpoint: `${bind}:${ports['edge-http']}`,
            ...shared,
            max_request_body_size: 16 * 1024 * 1024,
            read_header_timeout: '10s',
            read_timeout: '30s',
            write_timeout: '30s',
            idle_timeout: '1m',
          },
        },
      },
    },
  };
}
