// Mistakes in what stands around the entities.
import type { Broken } from "./case.ts";

export const FRAME: readonly Broken[] = [
  { says: "no name", from: "name: example\n", to: "", at: "vaults", message: "missing 'name'" },
  {
    says: "a name with a blank",
    from: "name: example",
    to: "name: an example",
    at: "an example",
    message: "found 'an example', but a name (a letter, then letters, digits, '.', '_' or '-') is needed",
  },
  {
    says: "a misspelt section",
    from: "catalogs:",
    to: "catalog:",
    message:
      "found 'catalog', no such key here; did you mean 'catalogs'? allowed: bindings, catalogs, guards, limits, name, stores, telemetry, vaults",
  },
  {
    says: "a list of bindings",
    from: "bindings:\n  tcp_in:",
    to: "bindings:\n - tcp_in:",
    at: "  tls_in:\n",
    message: "not readable as YAML: sequence item without - indicator",
  },
  {
    says: "a name of a binding that is none",
    from: "  tcp_in:",
    to: "  9tcp:",
    at: "9tcp",
    message: "found '9tcp', but a name (a letter, then letters, digits, '.', '_' or '-') is needed",
  },
  {
    says: "an unknown metric",
    from: "grpc.duration,",
    to: "grpc.durations,",
    at: "grpc.durations",
    message:
      "found 'grpc.durations', no such value here; did you mean 'grpc.duration'? allowed: stream.active.received, stream.active.sent, stream.opens.received, stream.opens.sent, stream.closes.received, stream.closes.sent, stream.errors.received, stream.errors.sent, stream.data.received, stream.data.sent, http.active.requests, http.duration, http.request.size, http.response.size, grpc.active.requests, grpc.duration, … (23 in all)",
  },
];
