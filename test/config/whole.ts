// One configuration with everything in it: the tests of mistakes change one line of it and look at what is said.

export const WHOLE = `name: example
vaults:
  keys:
    type: filesystem
    options:
      keys: { store: tls/localhost.p12, type: pkcs12, password: generated }
      trust: { store: tls/trust.p12, password: generated }
guards:
  jwt:
    type: jwt
    options: { issuer: https://auth, audience: https://api, keys: https://auth/keys }
  held:
    type: inline
    options: { identity: user, credentials: secret }
catalogs:
  protos:
    type: filesystem
    options: { subjects: { echo: { path: protos/echo.proto } } }
telemetry:
  metrics: [ grpc.duration, stream.opens.received ]
  exporters:
    out: { type: stdout }
    prom: { type: prometheus, options: { endpoints: [ { scheme: http, port: 7190 } ] } }
bindings:
  tcp_in:
    type: tcp
    kind: server
    options: { host: 0.0.0.0, port: [ 7151, 7153-7155 ] }
    routes:
      - when: [ { port: 7151 } ]
        exit: http_in
      - when: [ { port: 7153-7155, cidr: 10.0.0.0/8 } ]
        exit: tls_in
  tls_in:
    type: tls
    kind: server
    vault: keys
    options: { keys: [ localhost ], sni: [ localhost ], alpn: [ h2 ] }
    exit: http_in
  http_in:
    type: http
    kind: server
    options:
      versions: [ h2 ]
      access-control: { policy: cross-origin, allow: { origins: [ "*" ] }, max-age: 60 }
      limits: { streams: 100, header-list: 8KiB }
    routes:
      - when: [ { headers: { ":path": "/example.EchoService/*" } } ]
        exit: grpc_in
  grpc_in:
    type: grpc
    kind: server
    catalog:
      protos: [ { subject: echo } ]
    options:
      limits: { message: 1MiB }
    routes:
      - when: [ { method: example.EchoService/*, metadata: { custom: test, bin: { base64: dGVzdA } } } ]
        exit: mapping
    telemetry: { metrics: [ grpc.* ] }
  mapping:
    type: grpc-kafka
    kind: proxy
    options:
      reliability: { field: 32767, metadata: last-message-id }
      idempotency: { metadata: idempotency-key }
      correlation: { headers: { service: "zilla:service" } }
    routes:
      - guarded: { jwt: [ "echo:messages" ] }
        when: [ { method: example.EchoService/EchoUnary } ]
        exit: cache_client
        with:
          capability: produce
          topic: requests
          acks: leader_only
          key: "\${guarded['jwt'].identity}"
          overrides: { "zilla:identity": "\${guarded['jwt'].attributes.sub}" }
          reply-to: responses
          metadata: [ Authorization ]
          extensions: false
      - when: [ { method: example.EchoService/* } ]
        exit: cache_client
        with:
          capability: fetch
          topic: messages
          filters: [ { key: a }, { headers: { b: c } } ]
          narrow: false
  remote:
    type: kafka-grpc
    kind: remote_server
    entry: cache_client
    options: { acks: leader_only, retry: 10s }
    routes:
      - when: [ { topic: requests, reply-to: responses, method: example.EchoService/* } ]
        exit: grpc_out
        with: { scheme: http, authority: "localhost:50051" }
  cache_client:
    type: kafka
    kind: cache_client
    exit: cache_server
  cache_server:
    type: kafka
    kind: cache_server
    options:
      bootstrap: [ requests ]
      topics: [ { name: messages, defaultOffset: live } ]
    exit: kafka_out
  kafka_out:
    type: kafka
    kind: client
    options:
      servers: [ "kafka:9092", "[::1]:9092" ]
      authorization: { held: { credentials: { mechanism: plain, username: "{identity}", password: "{credentials}" } } }
      timeout: 20s
    exit: tcp_out
  grpc_out:
    type: grpc
    kind: client
    exit: http_out
  http_out:
    type: http
    kind: client
    options: { versions: [ h2 ] }
    exit: tcp_out
  tcp_out:
    type: tcp
    kind: client
`;

/** The whole configuration with one piece of it changed; the piece must be there. */
export const changed = (from: string, to: string): string => {
  if (!WHOLE.includes(from)) throw new Error(`the configuration has no '${from}'`);
  return WHOLE.replace(from, () => to);
};

/** Line and column of a piece in a text, as messages name them. */
export const placeOf = (text: string, piece: string): string => {
  const at = text.indexOf(piece);
  if (at < 0) throw new Error(`the text has no '${piece}'`);
  const before = text.slice(0, at).split("\n");
  return `${before.length}:${before.at(-1)!.length + 1}`;
};
