// Mistakes in types and kinds.
import type { Broken } from "./case.ts";

export const TYPES: readonly Broken[] = [
  {
    says: "no type",
    from: "tcp_out:\n    type: tcp\n",
    to: "tcp_out:\n",
    at: "tcp_out:\n    kind",
    message: "missing 'type'; allowed: tcp, tls, http, grpc, echo, grpc-kafka, kafka-grpc, kafka",
  },
  {
    says: "a misspelt type",
    from: "type: grpc-kafka",
    to: "type: grcp-kafka",
    at: "grcp-kafka",
    message:
      "found 'grcp-kafka', no such type of binding; did you mean 'grpc-kafka'? allowed: tcp, tls, http, grpc, echo, grpc-kafka, kafka-grpc, kafka",
  },
  {
    says: "no kind",
    from: "tcp_out:\n    type: tcp\n    kind: client\n",
    to: "tcp_out:\n    type: tcp\n",
    at: "tcp_out:\n    type",
    message: "missing 'kind'; allowed: server, client",
  },
  {
    says: "a kind of another type",
    from: "kind: cache_client",
    to: "kind: remote_server",
    at: "remote_server\n    exit: cache_server",
    message: "found 'remote_server', no such kind of kafka binding; allowed: cache_client, cache_server, client",
  },
  {
    says: "a misspelt kind",
    from: "kind: cache_server",
    to: "kind: cache-server",
    at: "cache-server",
    message:
      "found 'cache-server', no such kind of kafka binding; did you mean 'cache_server'? allowed: cache_client, cache_server, client",
  },
  { says: "a type that is a list", from: "type: jwt", to: "type: [ jwt ]", at: "[ jwt ]", message: "found a list, but a text is needed" },
  {
    says: "an unknown type of guard",
    from: "type: jwt",
    to: "type: jtw",
    at: "jtw",
    message: "found 'jtw', no such type of guard; did you mean 'jwt'? allowed: jwt, x509, inline, identity",
  },
  {
    says: "an unknown type of vault",
    from: "type: filesystem\n    options:\n      keys",
    to: "type: aws-secrets\n    options:\n      keys",
    at: "aws-secrets",
    message: "found 'aws-secrets', no such type of vault; allowed: filesystem",
  },
  {
    says: "an unknown type of exporter",
    from: "{ type: stdout }",
    to: "{ type: stdot }",
    at: "stdot",
    message: "found 'stdot', no such type of exporter; did you mean 'stdout'? allowed: prometheus, otlp, stdout",
  },
];
