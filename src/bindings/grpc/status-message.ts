// `grpc-message`, both ways: UTF-8 in which everything but printable ASCII, and the percent sign, is written `%XX` (PROTOCOL-HTTP2,
// "Status-Message").
import { text, utf8 } from "../../core/bytes.ts";

/** Longer messages are cut: at worst three times as many bytes go into the trailers, which peers limit to 8 KiB. */
export const STATUS_MESSAGE_BYTES_MAX = 2048;

const PERCENT = 0x25;
const isPlain = (unit: number): boolean => unit >= 0x20 && unit <= 0x7e && unit !== PERCENT;
const isPlainText = (value: string): boolean => {
  for (let i = 0; i < value.length; i++) if (!isPlain(value.charCodeAt(i))) return false;
  return true;
};

export const encodeStatusMessage = (message: string): string => {
  if (message.length <= STATUS_MESSAGE_BYTES_MAX && isPlainText(message)) return message;
  let encoded = "";
  for (const byte of shortened(utf8(message)))
    encoded += isPlain(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return encoded;
};

/** Never in the middle of a character. */
const shortened = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length <= STATUS_MESSAGE_BYTES_MAX) return bytes;
  let end = STATUS_MESSAGE_BYTES_MAX;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
};

/** What is not properly encoded stays as it is: a message is never lost over its form. */
export const decodeStatusMessage = (value: string): string => {
  if (isPlainText(value)) return value;
  const bytes = new Uint8Array(value.length);
  let length = 0;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    const escaped = unit === PERCENT ? hexByte(value.slice(i + 1, i + 3)) : undefined;
    bytes[length++] = escaped ?? unit;
    if (escaped !== undefined) i += 2;
  }
  return text(bytes.subarray(0, length));
};

const hexByte = (digits: string): number | undefined => (/^[0-9A-Fa-f]{2}$/.test(digits) ? Number.parseInt(digits, 16) : undefined);
