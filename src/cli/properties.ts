// Engine properties: `-P name=value` and a Java properties file, in the original's names. Those that mean something here are mapped,
// the rest are said once.
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { nearest } from "../config/nearest.ts";
import { UsageError } from "./command.ts";

/** The names that have an effect here, with what they do. */
export const KNOWN_PROPERTIES: Readonly<Record<string, string>> = {
  "zilla.engine.config.url": "the configuration file; -c wins",
  "zilla.engine.config.uri": "the configuration file; -c wins",
  "zilla.engine.directory": "where ready and info are written",
  "zilla.engine.workers": "processes that serve; -w wins",
  "zilla.engine.worker.capacity": "accepted connections at a time, of each process",
  "zilla.engine.drain.seconds": "how long calls in hand may take at shutdown (ours)",
  "zilla.binding.http.concurrent.streams": "streams a connection",
  "zilla.binding.http.maximum.connections": "connections to one origin",
  "zilla.binding.http.max.header.list.size": "bytes of a header list",
  "zilla.binding.http.server.header": "the server header of responses",
  "zilla.binding.http.user.agent.header": "the user-agent header of requests",
  "zilla.binding.tls.handshake.timeout": "seconds a handshake may take",
  "zilla.binding.kafka.cache.server.bootstrap": "false: topics of 'bootstrap' are read when somebody reads them",
  "zilla.binding.kafka.client.id": "the client id shown to brokers",
  "zilla.binding.kafka.grpc.group.id.format": "group id from namespace and binding name, `zilla:%s-%s`",
};

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

const unescaped = (text: string): string =>
  text.replaceAll(/\\(u[0-9a-fA-F]{4}|.)/gs, (_all, escaped: string) =>
    escaped.length > 1 ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16)) : (ESCAPES[escaped] ?? escaped),
  );

/** The lines of a Java properties file: comments, continued lines, `=`, `:` or blanks between name and value. */
export const parseProperties = (content: string): ReadonlyMap<string, string> => {
  const properties = new Map<string, string>();
  const lines = content.replaceAll(/(?<!\\)((?:\\\\)*)\\\r?\n[ \t]*/g, "$1").split(/\r?\n/);
  for (const line of lines) {
    const match = /^[ \t]*(?![#!])((?:\\.|[^\\=: \t])+)(?:[ \t]*[=:][ \t]*|[ \t]+|$)(.*)$/s.exec(line);
    if (match) properties.set(unescaped(match[1]!), unescaped(match[2]!));
  }
  return properties;
};

const DEFAULT_FILE = ".zilla/zilla.properties";

const readNamed = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (reason) {
    throw new UsageError(`cannot read the properties file: ${(reason as Error).message}`); // Only Errors are thrown by fs.
  }
};

/** The default file need not be there. */
const readDefault = (file: string): string => (existsSync(file) ? readNamed(file) : "");

/** From the file (named, or the default one where it exists) and the flags, which win. */
export const readProperties = (file: string | undefined, flags: readonly string[], directory: string): ReadonlyMap<string, string> => {
  const text = file === undefined ? readDefault(resolve(directory, DEFAULT_FILE)) : readNamed(resolve(directory, file));
  const properties = new Map(parseProperties(text));
  for (const flag of flags) {
    const equals = flag.indexOf("=");
    if (equals < 0) properties.set(flag, "true");
    else properties.set(flag.slice(0, equals), flag.slice(equals + 1));
  }
  return properties;
};

/** A sentence for each property without an effect here. */
export const unknownProperties = (properties: ReadonlyMap<string, string>): readonly string[] => {
  const names = Object.keys(KNOWN_PROPERTIES);
  return [...properties.keys()]
    .filter((name) => !names.includes(name))
    .map((name) => {
      const near = nearest(name, names);
      return `property ${name} has no effect here${near === undefined ? "" : `; did you mean ${near}?`}`;
    });
};
