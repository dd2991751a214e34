// Who a client's certificate says it is: the subject as Java writes it (RFC 2253, the last name first), since that is what Apache Kafka's
// rules name (`User:CN=alice,OU=sales`). Read from the certificate's bytes: the text that Node gives leaves out what these rules need.

/** Throws when the bytes are no certificate. */
export const subjectOf = (certificate: Uint8Array): string => {
  const body = childrenOf(elementAt(certificate, 0)); // The part that is signed, how, and the signature.
  const fields = childrenOf(body[0]!);
  // A version stands first where it is not the oldest; then serial number, algorithm, issuer, validity, subject.
  const at = fields[0]?.tag === VERSION_TAG ? 5 : 4;
  const names = childrenOf(expected(fields[at], SEQUENCE_TAG)).map((set) => childrenOf(set).map(attributeText).join("+"));
  return names.reverse().join(",");
};

const SEQUENCE_TAG = 0x30;
const VERSION_TAG = 0xa0;
const BMP_TAG = 0x1e;
const LATIN_TAG = 0x14;
/** UTF8String, PrintableString, IA5String. */
const TEXT_TAGS: readonly number[] = [0x0c, 0x13, 0x16];

/** The attributes that RFC 2253 names; others are written as numbers. */
const KEYWORDS: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.25": "DC",
  "0.9.2342.19200300.100.1.1": "UID",
};

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly whole: Uint8Array;
}

const elementAt = (bytes: Uint8Array, at: number): Element => {
  const tag = bytes[at];
  let length = bytes[at + 1];
  if (tag === undefined || length === undefined) throw new Error("a certificate ends too early");
  let from = at + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count < 1 || count > 4) throw new Error("a certificate holds a length that is none");
    length = 0;
    for (let left = count; left > 0; left--) length = length * 256 + (bytes[from++] ?? 0);
  }
  const to = from + length;
  if (to > bytes.length) throw new Error("a certificate ends too early");
  return { tag, content: bytes.subarray(from, to), whole: bytes.subarray(at, to) };
};

const childrenOf = ({ content }: Element): Element[] => {
  const children: Element[] = [];
  for (let at = 0; at < content.length; at += children.at(-1)!.whole.length) children.push(elementAt(content, at));
  return children;
};

const expected = (element: Element | undefined, tag: number): Element => {
  if (element?.tag !== tag) throw new Error("a certificate has another form than is known");
  return element;
};

const attributeText = (attribute: Element): string => {
  const [type, value] = childrenOf(expected(attribute, SEQUENCE_TAG));
  if (!type || !value) throw new Error("a certificate has another form than is known");
  const number = numberText(type.content);
  const keyword = KEYWORDS[number];
  const text = textOf(value);
  if (keyword === undefined || text === undefined) return `${keyword ?? number}=#${Buffer.from(value.whole).toString("hex")}`;
  return `${keyword}=${escaped(text)}`;
};

const textOf = ({ tag, content }: Element): string | undefined => {
  const bytes = Buffer.from(content);
  if (TEXT_TAGS.includes(tag)) return bytes.toString("utf8");
  if (tag === LATIN_TAG) return bytes.toString("latin1");
  return tag === BMP_TAG && bytes.length % 2 === 0 ? bytes.swap16().toString("utf16le") : undefined;
};

/** An object identifier: the first byte holds two numbers, the others seven bits each. */
const numberText = (bytes: Uint8Array): string => {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of bytes) {
    number = number * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (numbers.length > 0) numbers.push(number);
    else numbers.push(Math.min(2, Math.floor(number / 40)), number - 40 * Math.min(2, Math.floor(number / 40)));
    number = 0;
  }
  return numbers.join(".");
};

/** RFC 2253 §2.4, and what Java escapes beyond it. */
const escaped = (text: string): string => text.replace(/[,=+<>#;"\\]|^ +| +$/g, (found) => found.replace(/./g, "\\$&"));
