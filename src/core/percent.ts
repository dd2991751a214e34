// The coding of status messages in headers, gRPC's and the topics' alike: UTF-8 in which everything but printable ASCII, and the percent
// sign, is written `%XX` (PROTOCOL-HTTP2, "Status-Message").
import { latin1, text, utf8 } from "./bytes.ts";

/** Of a `grpc-message`: at worst three times as many bytes go into the trailers, which peers limit to 8 KiB. */
export const GRPC_MESSAGE_BYTES_MAX = 2048;

const PERCENT = 0x25;
const isPlain = (unit: number): boolean => unit >= 0x20 && unit <= 0x7e && unit !== PERCENT;
const isPlainText = (value: string): boolean => {
  for (let i = 0; i < value.length; i++) if (!isPlain(value.charCodeAt(i))) return false;
  return true;
};

/** As ASCII; of the message's UTF-8 no more than `bytesMax`, cut at the end of a character, so at most three times as much. */
export const percentEncode = (message: string, bytesMax: number): string => {
  if (message.length <= bytesMax && isPlainText(message)) return message;
  let encoded = "";
  for (const byte of shortened(utf8(message), bytesMax))
    encoded += isPlain(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return encoded;
};

/** What is not properly encoded stays as it is, plain UTF-8 too: a message is never lost over its form. Cut likewise. */
export const percentDecode = (bytes: Uint8Array, bytesMax = Number.POSITIVE_INFINITY): string => {
  if (!bytes.includes(PERCENT)) return text(shortened(bytes, bytesMax));
  const decoded = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const coded = bytes[i] === PERCENT ? hexByte(latin1(bytes.subarray(i + 1, i + 3))) : undefined;
    decoded[length++] = coded ?? bytes[i]!;
    if (coded !== undefined) i += 2;
  }
  return text(shortened(decoded.subarray(0, length), bytesMax));
};

/** Of a header's value, one character a byte. */
export const percentDecodeText = (value: string): string => (isPlainText(value) ? value : percentDecode(Buffer.from(value, "latin1")));

const hexByte = (digits: string): number | undefined => (/^[0-9A-Fa-f]{2}$/.test(digits) ? Number.parseInt(digits, 16) : undefined);

/** Never in the middle of a character. */
const shortened = (bytes: Uint8Array, bytesMax: number): Uint8Array => {
  if (bytes.length <= bytesMax) return bytes;
  let end = bytesMax;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
};
