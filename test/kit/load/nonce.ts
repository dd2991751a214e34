// Messages that can be told from each other: a protobuf message whose field 1 is a text that no other call has. An echo service must
// give back exactly those bytes.

/** Field 1, length-delimited. */
const TAG = 0x0a;
/** So the length is one byte. */
const TEXT_BYTES_MAX = 127;
const PREFIX_BYTES = 5;

/** The encoded message with its gRPC prefix. */
export const nonceFrame = (text: string): Buffer => {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length > TEXT_BYTES_MAX) throw new Error(`a nonce of ${bytes.length} bytes`);
  const frame = Buffer.alloc(PREFIX_BYTES + 2 + bytes.length);
  frame.writeUInt32BE(2 + bytes.length, 1);
  frame[PREFIX_BYTES] = TAG;
  frame[PREFIX_BYTES + 1] = bytes.length;
  bytes.copy(frame, PREFIX_BYTES + 2);
  return frame;
};
