import assert from "node:assert/strict";
import { test } from "node:test";
import { loadText, mistakesOf } from "../kit/config.ts";
import { changed, placeOf, WHOLE } from "./whole.ts";

test("the whole configuration has neither mistakes nor warnings", () => {
  const { mistakes, warnings } = loadText(WHOLE);
  assert.deepEqual([...mistakes.map(String), ...warnings.map(({ message }) => message)], []);
});

interface Case {
  readonly says: string;
  /** What of the whole configuration is replaced. */
  readonly from: string;
  readonly to: string;
  /** Where in the changed text the mistake stands; the replacement itself without it. */
  readonly at?: string;
  readonly message: string;
}

const TCP_CLIENT = "  tcp_out:\n    type: tcp\n    kind: client\n";
const ECHO = (keys: string): string => `${TCP_CLIENT}  extra: { type: echo, kind: server${keys} }\n`;

const CASES: readonly Case[] = [
  // The frame.
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
  // Types and kinds.
  {
    says: "no type",
    from: "tcp_out:\n    type: tcp\n",
    to: "tcp_out:\n",
    at: "tcp_out:\n    kind",
    message:
      "missing 'type'; allowed: tcp, tls, http, grpc, echo, grpc-kafka, kafka-grpc, kafka, amqp, asyncapi, fan, filesystem, filesystem-http, http-filesystem, http-kafka, kafka-http, mcp, mcp-http, mcp-kafka, mcp-openapi, mqtt, mqtt-kafka, openapi, openapi-asyncapi, pgsql, pgsql-kafka, proxy, risingwave, sse, sse-kafka, ws",
  },
  {
    says: "a misspelt type",
    from: "type: grpc-kafka",
    to: "type: grcp-kafka",
    at: "grcp-kafka",
    message:
      "found 'grcp-kafka', no such type of binding; did you mean 'grpc-kafka'? allowed: tcp, tls, http, grpc, echo, grpc-kafka, kafka-grpc, kafka, amqp, asyncapi, fan, filesystem, filesystem-http, http-filesystem, http-kafka, kafka-http, … (31 in all)",
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
  // Keys.
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
  // Values.
  {
    says: "a text for a number",
    from: "max-age: 60",
    to: "max-age: soon",
    at: "soon",
    message: "found 'soon', but a whole number is needed",
  },
  {
    says: "a map for a text",
    from: "topic: messages",
    to: "topic: { name: messages }",
    at: "{ name: messages }\n",
    message: "found a map, but a text is needed",
  },
  {
    says: "a list for a text",
    from: "host: 0.0.0.0",
    to: "host: [ 0.0.0.0 ]",
    at: "[ 0.0.0.0 ]",
    message: "found a list, but a text is needed",
  },
  {
    says: "nothing for a text",
    from: "topic: messages",
    to: "topic:",
    at: "topic:\n          filters",
    message: "found nothing, but a text is needed",
  },
  {
    says: "a text for a list",
    from: "versions: [ h2 ]\n",
    to: "versions: h2\n",
    at: "h2\n      access",
    message: "found 'h2', but a list is needed",
  },
  {
    says: "a port out of range",
    from: "7153-7155 ]",
    to: "71530 ]",
    at: "71530",
    message: "found 71530, but a port (0 to 65535) or a range such as '7151-7153' is needed",
  },
  {
    says: "a range downwards",
    from: "7153-7155, cidr",
    to: "7155-7153, cidr",
    at: "7155-7153",
    message: "found '7155-7153', but ports go up from 0 to 65535",
  },
  {
    says: "a block of addresses that is none",
    from: "10.0.0.0/8",
    to: "10.0.0/8",
    at: "10.0.0/8",
    message: "found '10.0.0/8', but a block of addresses such as '10.0.0.0/8' or '::/0' is needed",
  },
  {
    says: "acks that do not exist",
    from: "acks: leader_only\n",
    to: "acks: leader\n",
    at: "leader\n",
    message: "found 'leader', no such value here; did you mean 'leader_only'? allowed: none, leader_only, in_sync_replicas",
  },
  {
    says: "an unknown version of HTTP",
    from: "versions: [ h2 ]\n",
    to: "versions: [ h3 ]\n",
    at: "h3",
    message: "found 'h3', no such value here; did you mean 'h2'? allowed: http/1.1, h2",
  },
  {
    says: "a time without a unit",
    from: "timeout: 20s",
    to: "timeout: 20",
    at: "20\n",
    message: "found 20, but a time such as '500ms', '30s', '5m' or '1h' is needed",
  },
  {
    says: "a size in another unit",
    from: "message: 1MiB",
    to: "message: 1MB",
    at: "1MB",
    message: "found '1MB', but a size: bytes, or with a unit such as '64KiB' or '4MiB' is needed",
  },
  {
    says: "a field number that protobuf does not know",
    from: "field: 32767",
    to: "field: 536870912",
    at: "536870912",
    message: "found 536870912, but at most 536870911 is needed",
  },
  {
    says: "a field number of nothing",
    from: "field: 32767",
    to: "field: 0",
    at: "0, metadata",
    message: "found 0, but at least 1 is needed",
  },
  {
    says: "a regular expression that is none",
    from: "[ grpc.* ]",
    to: '[ "grpc.(" ]',
    at: '"grpc.("',
    message: "found 'grpc.(', but a regular expression is needed",
  },
  {
    says: "a server without a port",
    from: '"kafka:9092"',
    to: "kafka",
    at: "kafka, ",
    message: "found 'kafka', but 'host:port' is needed",
  },
  // Rules over several keys.
  {
    says: "neither exit nor routes",
    from: "    exit: cache_server\n",
    to: "",
    at: "cache_client:\n    type",
    message: "missing 'exit' or 'routes'",
  },
  {
    says: "a route without exit",
    from: "        exit: tls_in\n",
    to: "",
    at: "when: [ { port: 7153",
    message: "missing 'exit': the route leads nowhere, and the binding has none either",
  },
  { says: "a tls server without a vault", from: "    vault: keys\n", to: "", at: "tls_in:\n", message: "missing 'vault'" },
  {
    says: "a tls server without keys",
    from: "keys: [ localhost ], ",
    to: "",
    at: "options: { sni",
    message: "missing 'keys' or 'signers'",
  },
  {
    says: "keys and signers",
    from: "keys: [ localhost ],",
    to: "keys: [ localhost ], signers: [ ca ],",
    at: "options: { keys: [ localhost ], signers",
    message: "found 'keys' and 'signers', but only one of them is allowed",
  },
  { says: "a tcp server that listens nowhere", from: "host: 0.0.0.0, ", to: "", at: "options: { port", message: "missing 'host'" },
  { says: "no entry", from: "    entry: cache_client\n", to: "", at: "remote:\n", message: "missing 'entry'" },
  {
    says: "a condition without reply-to",
    from: "topic: requests, reply-to: responses",
    to: "topic: requests",
    at: "{ topic: requests, method",
    message: "missing 'reply-to'",
  },
  {
    says: "no capability",
    from: "          capability: fetch\n",
    to: "",
    at: "with:\n          topic: messages",
    message: "missing 'capability'; allowed: produce, fetch",
  },
  {
    says: "an unknown capability",
    from: "capability: fetch",
    to: "capability: subscribe",
    at: "subscribe",
    message: "found 'subscribe', no such value here; allowed: produce, fetch",
  },
  {
    says: "filters of a produce",
    from: "extensions: false",
    to: "filters: []",
    at: "filters: []",
    message: "found 'filters', no such key here; allowed: acks, capability, extensions, key, metadata, overrides, replies, reply-to, topic",
  },
  {
    says: "filters as a map",
    from: "[ { key: a }, { headers: { b: c } } ]",
    to: "{ key: a }",
    at: "{ key: a }",
    message: "found a map, but a list of filters ('- key: …', '- headers: …') is needed",
  },
  {
    says: "an empty filter",
    from: "[ { key: a },",
    to: "[ {},",
    at: "{},",
    message: "found an empty map, but a filter with 'key' or 'headers' (without 'filters' everything is delivered) is needed",
  },
  {
    says: "a method with two slashes",
    from: "method: example.EchoService/EchoUnary",
    to: "method: example/EchoService/EchoUnary",
    at: "example/EchoService/EchoUnary",
    message: "found 'example/EchoService/EchoUnary', but 'package.Service/Method' or 'package.Service/*' is needed",
  },
  {
    says: "a service without a method",
    from: "method: example.EchoService/EchoUnary",
    to: "method: example.EchoService",
    at: "example.EchoService } ]\n        exit: cache",
    message: "found 'example.EchoService', but 'package.Service/Method' or 'package.Service/*' is needed",
  },
  { says: "base64 that is none", from: "base64: dGVzdA }", to: 'base64: "!" }', at: '"!"', message: "found '!', but base64 is needed" },
  {
    says: "metadata of another kind",
    from: "custom: test",
    to: "custom: [ test ]",
    at: "[ test ]",
    message: "found a list, but a text, or '{ base64: … }' for binary metadata is needed",
  },
  {
    says: "two ports for one exporter",
    from: "{ scheme: http, port: 7190 }",
    to: "{ scheme: http, port: 7190 }, { scheme: http, port: 7190 }",
    at: "7190 } ]",
    message: "the port 7190 stands twice; each endpoint needs its own",
  },
  {
    says: "credentials without a password",
    from: ', password: "{credentials}"',
    to: "",
    at: "credentials: { mechanism",
    message: "missing 'password', which plain needs",
  },
  {
    says: "a mechanism that does not exist",
    from: "mechanism: plain",
    to: "mechanism: scram-sha-224",
    at: "scram-sha-224",
    message:
      "found 'scram-sha-224', no such value here; did you mean 'scram-sha-256'? allowed: plain, scram-sha-1, scram-sha-256, scram-sha-512, oauthbearer",
  },
  // References.
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

for (const { says, from, to, at, message } of CASES) {
  test(`${says}: one sentence at its place`, () => {
    const text = changed(from, to);
    assert.deepEqual(mistakesOf(text), [`${placeOf(text, at ?? to)} ${message}`]);
  });
}

test("all mistakes are told at once, in the order of the file", () => {
  let text = WHOLE;
  for (const [from, to] of [
    ["exit: tcp_out", "exit: tcp_uot"],
    ["kind: server", "kind: sever"],
    ["acks: leader_only", "acks: leader"],
    ["catalogs:", "catalogs: "],
    ["max-age: 60", "max-age: -1"],
    ["retry: 10s", "retri: 10s"],
  ] as const) {
    text = text.replace(from, to);
  }
  assert.deepEqual(
    loadText(text).mistakes.map(({ place, message }) => `${place.line} ${message.split(",")[0]}`),
    ["27 found 'sever'", "45 found -1", "75 found 'leader'", "115 found 'tcp_uot'"],
  );
});

test("what the original ignores is warned of, not refused", () => {
  const text = changed("idempotency-key }", "idempotency-key, header: x }");
  const { mistakes, warnings } = loadText(text);
  assert.deepEqual(mistakes, []);
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ["found 'header', no such key here; allowed: metadata; it is ignored"],
  );
});
