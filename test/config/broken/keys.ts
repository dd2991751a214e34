// Keys that are misspelt, or that stand where they mean nothing.
import type { Broken } from "./case.ts";

const TCP_CLIENT = "  tcp_out:\n    type: tcp\n    kind: client\n";
const ECHO = (keys: string): string => `${TCP_CLIENT}  extra: { type: echo, kind: server${keys} }\n`;

export const KEYS: readonly Broken[] = [
  {
    says: "a misspelt key",
    from: "exit: tls_in",
    to: "exti: tls_in",
    at: "exti",
    message: "found 'exti', no such key here; did you mean 'exit'? allowed: exit, guarded, when",
  },
  {
    says: "a vault where none is",
    from: "exit: cache_server",
    to: "vault: keys\n    exit: cache_server",
    at: "vault: keys\n    exit: cache",
    message: "found 'vault', no such key here; allowed: exit, kind, options, routes, telemetry, type",
  },
  {
    says: "a key of another dialect's spelling",
    from: "reply-to: responses\n",
    to: "replyTo: responses\n",
    at: "replyTo",
    message:
      "found 'replyTo', no such key here; did you mean 'reply-to'? allowed: acks, capability, extensions, key, metadata, overrides, replies, reply-to, topic",
  },
  {
    says: "an exit of grpc-kafka's own",
    from: "    kind: proxy\n",
    to: "    kind: proxy\n    exit: cache_client\n",
    at: "exit: cache_client\n    options",
    message: "found 'exit', no such key here; allowed: kind, options, routes, telemetry, type",
  },
  {
    says: "options of an echo",
    from: TCP_CLIENT,
    to: ECHO(", options: {}"),
    at: "options: {} }",
    message: "found 'options', no such key here; allowed: kind, telemetry, type",
  },
];
