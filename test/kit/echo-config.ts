// The smallest configuration that answers gRPC calls: four bindings, one service, any free port.

export const ECHO_CONFIG = `name: t
bindings:
  in: { type: tcp, kind: server, options: { host: 127.0.0.1, port: 0 }, exit: http }
  http: { type: http, kind: server, exit: grpc }
  grpc: { type: grpc, kind: server, catalog: { protos: [ { subject: echo } ] }, exit: echo }
  echo: { type: echo, kind: server }
catalogs:
  protos:
    type: inline
    options: { subjects: { echo: { schema: 'syntax = "proto3"; service Echo { rpc Say (M) returns (M); } message M {}' } } }
`;
