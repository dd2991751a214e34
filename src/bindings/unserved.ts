// Binding types of the original that a file may hold, and that this program does not serve. A file with them is checked all the same;
// only a start is refused.

export const UNSERVED_TYPES: readonly string[] = [
  "amqp",
  "asyncapi",
  "fan",
  "filesystem",
  "filesystem-http",
  "http-filesystem",
  "http-kafka",
  "kafka-http",
  "mcp",
  "mcp-http",
  "mcp-kafka",
  "mcp-openapi",
  "mqtt",
  "mqtt-kafka",
  "openapi",
  "openapi-asyncapi",
  "pgsql",
  "pgsql-kafka",
  "proxy",
  "risingwave",
  "sse",
  "sse-kafka",
  "ws",
];
