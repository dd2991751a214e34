// The services of a proto, and what its text imports. Parsed by protobufjs, which is loaded when the first text is read.
import { createRequire } from "node:module";
import type { NamespaceBase, Method as ProtoMethod, Root, Service } from "protobufjs";
import type { Method } from "../../ports/grpc.ts";
import type { Services } from "../catalog.ts";
import { endPlace, lastPlace, type Position, ProtoFault, words } from "./proto-text.ts";

type Protobuf = typeof import("protobufjs");
let loaded: Protobuf | undefined;
const protobuf = (): Protobuf => {
  loaded ??= createRequire(import.meta.url)("protobufjs") as Protobuf; // Its own types.
  return loaded;
};

export interface Import extends Position {
  readonly path: string;
}

/** The type of a request or reply that nothing defines. */
export interface UnknownType extends Position {
  readonly type: string;
  /** `Service.Method` */
  readonly method: string;
}

/** A proto and, once they are added, the definitions of what it imports. */
export class Proto {
  readonly services: Services;
  readonly imports: readonly Import[];
  readonly #text: string;
  readonly #root: Root;
  readonly #methods: readonly ProtoMethod[];

  /** Throws ProtoFault. */
  constructor(text: string) {
    const { Root } = protobuf();
    this.#text = text;
    this.#root = new Root();
    const paths = parseInto(this.#root, text);
    this.imports = paths.map((path) => ({ path, ...importPlace(text, path) }));
    const services = servicesIn(this.#root);
    this.#methods = services.flatMap(({ methodsArray }) => methodsArray);
    this.services = new Map(services.map((service) => [service.fullName.slice(1), methodsOf(service)]));
  }

  /** Adds the definitions of an imported text and gives its own imports. Throws ProtoFault. */
  addImported(text: string): readonly string[] {
    return parseInto(this.#root, text);
  }

  /** Adds one of the types that everybody knows. False: it is none. */
  addWellKnown(path: string): boolean {
    if (!path.startsWith("google/protobuf/")) return false;
    const known = protobuf().common.get(path);
    if (known?.nested) this.#root.addJSON(known.nested);
    return true;
  }

  /** Types of requests and replies that neither the text nor its imports define. */
  unknownTypes(): readonly UnknownType[] {
    return this.#methods.flatMap((method) => {
      const types = new Set([method.requestType, method.responseType]);
      return [...types].filter((type) => !isKnown(method, type)).map((type) => this.#unknown(method, type));
    });
  }

  #unknown(method: ProtoMethod, type: string): UnknownType {
    const place = lastPlace(this.#text, type, Number.POSITIVE_INFINITY) ?? { line: 1, column: 1 };
    return { type, method: `${method.parent?.name}.${method.name}`, ...place };
  }
}

const isKnown = (method: ProtoMethod, type: string): boolean => {
  if (type.replace(/^\./, "").startsWith("google.protobuf.")) return true;
  const scope: NamespaceBase | null = method.parent;
  return scope?.lookup(type, [protobuf().Type]) != null;
};

const servicesIn = (namespace: NamespaceBase): readonly Service[] => {
  const { Service, Namespace } = protobuf();
  return namespace.nestedArray.flatMap((each) => {
    if (each instanceof Service) return [each];
    return each instanceof Namespace ? servicesIn(each) : [];
  });
};

const methodsOf = ({ methodsArray }: Service): ReadonlyMap<string, Method> =>
  new Map(
    methodsArray.map((method) => [
      method.name,
      { requestStream: method.requestStream === true, responseStream: method.responseStream === true },
    ]),
  );

/** The paths of the imports of `text`, whose definitions are now in `root`. */
const parseInto = (root: Root, text: string): readonly string[] => {
  checkSyntax(text);
  try {
    const { imports = [], weakImports = [] } = protobuf().parse(text, root, { keepCase: true });
    return [...imports, ...weakImports];
  } catch (reason) {
    throw faultOf(text, reason instanceof Error ? reason.message : String(reason));
  }
};

const SYNTAXES: readonly string[] = ['"proto2"', '"proto3"', "'proto2'", "'proto3'"];

/** The parser takes any. */
const checkSyntax = (text: string): void => {
  const read = words(text);
  if (read.next().value?.text !== "syntax" || read.next().value?.text !== "=") return;
  const syntax = read.next().value;
  if (syntax && !SYNTAXES.includes(syntax.text))
    throw new ProtoFault(syntax, `found the syntax ${syntax.text}, but "proto2" or "proto3" is needed`);
};

const importPlace = (text: string, path: string): Position => stringPlace(text, path, Number.POSITIVE_INFINITY) ?? { line: 1, column: 1 };

const stringPlace = (text: string, value: string, lineMax: number): Position | undefined =>
  lastPlace(text, `"${value}"`, lineMax) ?? lastPlace(text, `'${value}'`, lineMax);

/** The parser names the content of a string without its quotes. */
const foundPlace = (text: string, found: string, lineMax: number): Position | undefined =>
  lastPlace(text, found, lineMax) ?? stringPlace(text, found, lineMax);

/** `illegal token 'x', '=' expected (file, line 4)`: what the parser says. */
const ILLEGAL = /^illegal (.*?)(?: '([\s\S]*?)')?(?:, '(.*)' expected)? \((?:.*, )?line (\d+)\)$/;

const faultOf = (text: string, message: string): ProtoFault => {
  const [, what = "", found, wanted, line = ""] = ILLEGAL.exec(message) ?? [];
  if (line === "") return new ProtoFault(namedPlace(text, message), message);
  if (found === undefined) return new ProtoFault({ line: Number(line), column: 1 }, `found a ${what} that does not end, or is none`);
  const needed = wanted === undefined ? neededText(what) : `, but '${wanted}' is needed`;
  if (found === "null")
    return new ProtoFault(endPlace(text), `the text ends here${needed === NOT_HERE ? ", inside a definition" : needed}`);
  const place = foundPlace(text, found, Number(line)) ?? { line: Number(line), column: 1 };
  return new ProtoFault(place, `found '${found}'${needed}`);
};

const NOT_HERE = ", which cannot stand here";
const neededText = (what: string): string => (what === "token" || what === "end of input" ? NOT_HERE : `, but a ${what} is needed`);

/** A mistake of which the parser knows the name, not the line: the last time it is named. */
const namedPlace = (text: string, message: string): Position => {
  const name = /'([^']+)'/.exec(message)?.[1] ?? message.split(" ").at(-1) ?? "";
  return lastPlace(text, name, Number.POSITIVE_INFINITY) ?? { line: 1, column: 1 };
};
