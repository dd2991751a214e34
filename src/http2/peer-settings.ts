// What the peer has said of itself in its SETTINGS (RFC 9113 §6.5.2).
import { ConnectionError, ErrorCode } from "./codes.ts";
import { FRAME_BYTES_MAX } from "./frame.ts";
import { SettingId } from "./frame-rules.ts";
import type { HeaderWriter } from "./header-writer.ts";
import { SENT_FRAME_BYTES_MAX } from "./limits.ts";
import type { StreamTable } from "./stream-table.ts";

/** What a window is before anybody has said anything. */
export const WINDOW_BYTES = 65_535;

/** What settings change. */
export interface Concerned {
  readonly role: "server" | "client";
  readonly headers: HeaderWriter;
  readonly streams: StreamTable;
}

export class PeerSettings {
  /** What we may send on a stream that is new. */
  windowBytes = WINDOW_BYTES;
  /** Of a DATA frame's payload. */
  frameBytesMax = FRAME_BYTES_MAX;
  /** How many streams it allows at a time. */
  streamsMax = Number.POSITIVE_INFINITY;

  take(id: number, value: number, { role, headers, streams }: Concerned): void {
    if (id === SettingId.HEADER_TABLE_SIZE) headers.resize(value);
    else if (id === SettingId.ENABLE_PUSH && value !== 0 && role === "client")
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a client is not asked whether it pushes");
    else if (id === SettingId.MAX_CONCURRENT_STREAMS) this.streamsMax = value;
    else if (id === SettingId.MAX_FRAME_SIZE) this.frameBytesMax = Math.min(value, SENT_FRAME_BYTES_MAX);
    else if (id === SettingId.INITIAL_WINDOW_SIZE) {
      const more = value - this.windowBytes;
      this.windowBytes = value;
      for (const stream of streams.all())
        if (!stream.widen(more)) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "a window has more than 2^31-1 bytes");
    }
  }
}
