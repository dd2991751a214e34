// A header list as it comes out of a block: counted against the limits field by field, and held to the rules of RFC 9113 §8.2 and §8.3.
// A list that breaks a rule is still taken to its end, since the table of the connection depends on it.
import type { Peer } from "../ports/connection.ts";
import type { HttpRequest } from "../ports/http.ts";
import { type Field, FieldKind, fieldBytes } from "./hpack-field.ts";

/** What a list may hold. */
export interface HeaderLimits {
  /** As RFC 9113 §6.5.2 counts. */
  readonly bytesMax: number;
  readonly pairsMax: number;
}

const DIGITS_MAX = 15;
const ABSENT = -1;

/** One list after the other, of one connection. */
export class HeaderList {
  readonly #limits: HeaderLimits;
  /** Without pseudo fields; a new array for each list. What is over a limit is left out. */
  fields: Field[] = [];
  method = "";
  scheme = "";
  authority = "";
  path = "";
  /** 0 where there is none. */
  status = 0;
  /** -1 where there is none. */
  contentLength = ABSENT;
  host: string | undefined;
  /** `expect` was there. */
  expects = false;
  /** The rule that is broken; "" as long as there is none. */
  fault = "";
  bytes = 0;
  pairs = 0;
  /** Pseudo fields that came, by bit of their kind. */
  #pseudo = 0;

  constructor(limits: HeaderLimits) {
    this.#limits = limits;
  }

  get tooManyPairs(): boolean {
    return this.pairs > this.#limits.pairsMax;
  }
  get tooLarge(): boolean {
    return this.bytes > this.#limits.bytesMax;
  }
  /** Whether there are pseudo fields at all: trailers have none. */
  get hasPseudo(): boolean {
    return this.#pseudo !== 0;
  }

  /** Before each list. */
  begin(): void {
    this.fields = [];
    this.method = "";
    this.scheme = "";
    this.authority = "";
    this.path = "";
    this.status = 0;
    this.contentLength = ABSENT;
    this.host = undefined;
    this.expects = false;
    this.fault = "";
    this.bytes = 0;
    this.pairs = 0;
    this.#pseudo = 0;
  }

  field(field: Field, kind: FieldKind): void {
    this.bytes += fieldBytes(field);
    this.pairs += 1;
    if (kind >= FieldKind.METHOD && kind <= FieldKind.STATUS) {
      this.#takePseudo(field, kind);
      return;
    }
    if (kind !== FieldKind.REGULAR) this.#special(field, kind);
    if (this.bytes <= this.#limits.bytesMax && this.pairs <= this.#limits.pairsMax) this.fields.push(field);
  }

  /** The rule that a request's list breaks; "" when it is one. */
  requestFault(): string {
    if (this.fault !== "") return this.fault;
    if (this.status !== 0) return "a request has a status";
    if (this.method === "") return "a request needs a method";
    if (this.method === "CONNECT") return "";
    if (this.scheme === "" || this.path === "") return "a request needs a scheme and a path";
    const { host } = this;
    if (host !== undefined && this.authority !== "" && host !== this.authority && host.toLowerCase() !== this.authority.toLowerCase())
      return "host and authority differ";
    return "";
  }

  /** The rule that a response's list breaks; "" when it is one. */
  responseFault(): string {
    if (this.fault !== "") return this.fault;
    if (this.status < 100) return "a response needs a status of three digits";
    return this.#pseudo === 1 << FieldKind.STATUS ? "" : "a response has a pseudo header of requests";
  }

  /** The rule that trailers break; "" when they are some. */
  trailersFault(): string {
    if (this.fault !== "") return this.fault;
    return this.#pseudo === 0 ? "" : "trailers have a pseudo header";
  }

  request(peer: Peer): HttpRequest {
    const { method, scheme, path, fields } = this;
    return { method, scheme, authority: this.authority === "" ? (this.host ?? "") : this.authority, path, headers: fields, peer };
  }

  #takePseudo([name, value]: Field, kind: FieldKind): void {
    const bit = 1 << kind;
    if ((this.#pseudo & bit) !== 0) this.fault ||= `${name} comes twice`;
    else if (this.pairs > bitsOf(this.#pseudo) + 1) this.fault ||= `${name} comes after other headers`;
    this.#pseudo |= bit;
    if (kind === FieldKind.METHOD) this.method = value;
    else if (kind === FieldKind.SCHEME) this.scheme = value;
    else if (kind === FieldKind.AUTHORITY) this.authority = value;
    else if (kind === FieldKind.PATH) this.path = value;
    else this.status = value.length === 3 ? numberOf(value, 0) : 0;
  }

  #special([name, value]: Field, kind: FieldKind): void {
    if (kind === FieldKind.HOST) this.host = value;
    else if (kind === FieldKind.EXPECT) this.expects = true;
    else if (kind === FieldKind.CONTENT_LENGTH) {
      const length = numberOf(value, ABSENT);
      if (length === ABSENT || (this.contentLength !== ABSENT && this.contentLength !== length))
        this.fault ||= "content-length is no number, or two";
      this.contentLength = length;
    } else this.fault ||= `the header ${JSON.stringify(name)} is not allowed, or its value is not`;
  }
}

/** How many pseudo fields there are. */
const bitsOf = (pseudo: number): number => {
  let count = 0;
  for (let rest = pseudo; rest !== 0; rest &= rest - 1) count += 1;
  return count;
};

/** Decimal digits only, as many as a number holds; else what is given. */
const numberOf = (text: string, otherwise: number): number => {
  if (text.length === 0 || text.length > DIGITS_MAX) return otherwise;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return otherwise;
    value = value * 10 + digit;
  }
  return value;
};
