// Names of other entities, and of guards in expressions.
import type { Broken } from "./case.ts";

export const REFERENCES: readonly Broken[] = [
  {
    says: "an exit that is not there",
    from: "exit: mapping",
    to: "exit: maping",
    at: "maping",
    message:
      "found 'maping', no such binding; did you mean 'mapping'? allowed: tcp_in, tls_in, http_in, grpc_in, mapping, remote, cache_client, cache_server, kafka_out, grpc_out, http_out, tcp_out",
  },
  {
    says: "an entry that is not there",
    from: "entry: cache_client",
    to: "entry: cash_client",
    at: "cash_client",
    message:
      "found 'cash_client', no such binding; did you mean 'cache_client'? allowed: tcp_in, tls_in, http_in, grpc_in, mapping, remote, cache_client, cache_server, kafka_out, grpc_out, http_out, tcp_out",
  },
  {
    says: "a vault that is not there",
    from: "vault: keys",
    to: "vault: key",
    at: "key\n    options: { keys",
    message: "found 'key', no such vault; did you mean 'keys'? allowed: keys",
  },
  {
    says: "a catalog that is not there",
    from: "protos: [ { subject",
    to: "proto: [ { subject",
    at: "proto: [",
    message: "found 'proto', no such catalog; did you mean 'protos'? allowed: protos",
  },
  {
    says: "a guard that is not there",
    from: "guarded: { jwt:",
    to: "guarded: { jwt0:",
    at: "jwt0",
    message: "found 'jwt0', no such guard; did you mean 'jwt'? allowed: jwt, held",
  },
  {
    says: "a namespace that is not there",
    from: "exit: mapping",
    to: "exit: other:mapping",
    at: "other:mapping",
    message: "found 'other:mapping', no such namespace 'other' in this file; allowed: example",
  },
  {
    says: "an expression of a guard that the route does not ask",
    from: "key: \"${guarded['jwt']",
    to: "key: \"${guarded['held']",
    at: "\"${guarded['held']",
    message: "found the guard 'held', but the 'guarded' of this route does not name it",
  },
  {
    says: "an expression that is misspelt",
    from: "['jwt'].identity}",
    to: "['jwt'].identiy}",
    at: "\"${guarded['jwt'].identiy}",
    message: "found '${guarded['jwt'].identiy}', but ${guarded['<guard>'].identity} or ${guarded['<guard>'].attributes.<name>} is needed",
  },
];
