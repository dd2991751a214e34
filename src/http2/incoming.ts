// The frames that come on a connection: what each may be in the state it meets (RFC 9113 §5.1, §6), and what it does to the streams.
import type { Clock } from "../core/clock.ts";
import { ConnectionError, ErrorCode, tooMuch } from "./codes.ts";
import type { ConnectionEdge } from "./connection-parts.ts";
import { Budget, Flood } from "./flood.ts";
import { ReceiveWindow } from "./flow-control.ts";
import { Flag, type Frame, type FrameSink, FrameType, UINT31_MAX } from "./frame.ts";
import { checkDependency, checkFrame, settingsOf, unpadded } from "./frame-rules.ts";
import type { FrameWriter } from "./frame-writer.ts";
import { HeaderBlocks } from "./header-blocks.ts";
import type { HeaderLimits } from "./header-list.ts";
import * as limits from "./limits.ts";
import type { StreamTable } from "./stream-table.ts";

/** The connection, as its incoming frames see it. */
export interface IncomingOwner {
  readonly role: "server" | "client";
  readonly edge: ConnectionEdge;
  readonly writer: FrameWriter;
  readonly streams: StreamTable;
  /** Whether nobody has opened that stream yet. */
  isIdle(stream: number): boolean;
  /** A stream of the peer's is new. */
  remoteOpened(stream: number): void;
  /** The peer's settings, in their order. */
  settings(pairs: readonly (readonly [id: number, value: number])[]): void;
  /** Our settings are acknowledged. False: they had been. */
  settingsAcknowledged(): boolean;
  /** A PING of ours is answered. False: there was none. */
  pingAcknowledged(): boolean;
  /** The connection's window for us grows. False: it is larger than a window may be. */
  widen(bytes: number): boolean;
  /** A control frame was written. */
  answered(): void;
}

export class Incoming implements FrameSink {
  readonly #owner: IncomingOwner;
  readonly #blocks: HeaderBlocks;
  readonly #window = new ReceiveWindow(limits.SESSION_WINDOW_BYTES);
  readonly #flood: Flood;
  readonly #resets: Budget;
  readonly #empty: Budget;
  readonly #updates: Budget;
  readonly #priorities: Budget;
  #settled = false;
  #heldBytes = 0;
  #wrong = 0;
  /** Frames that are over, but not those inside of a header block. */
  #finished = 0;

  constructor(owner: IncomingOwner, headers: HeaderLimits, clock: Clock) {
    this.#owner = owner;
    this.#blocks = new HeaderBlocks(headers);
    this.#flood = new Flood(clock);
    this.#resets = new Budget(limits.RESETS, clock);
    this.#empty = new Budget(limits.EMPTY_FRAMES, clock);
    this.#updates = new Budget(limits.WINDOW_UPDATES, clock);
    this.#priorities = new Budget(limits.PRIORITIES, clock);
  }

  /** The peer's settings have come. */
  get settled(): boolean {
    return this.#settled;
  }
  /** A header block has begun and not ended. */
  get withinBlock(): boolean {
    return this.#blocks.open !== 0;
  }
  get finished(): number {
    return this.#finished;
  }

  /** We have sent something for a stream, so a PING is no flood. */
  busy(): void {
    this.#flood.busy();
  }
  /** A DATA frame of ours went out, which the peer will answer. */
  answerable(): void {
    this.#updates.allow(limits.WINDOW_UPDATES_PER_DATA);
  }
  /** Bytes that wait for a slow reader, more or fewer. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
    if (bytes < 0) this.#credit();
  }
  /** A stream was reset or refused over something the peer did: counted when the frame is done with. */
  faulted(): void {
    this.#wrong += 1;
  }

  tooLong({ type, length }: Frame): void {
    throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `a frame of type ${type} has ${length} bytes`);
  }

  frame(frame: Frame): void {
    if (frame.begins) this.#check(frame);
    if (frame.type === FrameType.DATA) this.#data(frame);
    else if (frame.type === FrameType.HEADERS) this.#headers(frame);
    else this.#other(frame);
    for (; this.#wrong > 0; this.#wrong--) this.#countReset();
    if (frame.ends && !this.withinBlock) this.#finished += 1;
  }

  #check(frame: Frame): void {
    checkFrame(frame);
    if (!this.#settled && (frame.type !== FrameType.SETTINGS || (frame.flags & Flag.ACK) !== 0))
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "the first frame is not SETTINGS");
    if (this.withinBlock && frame.type !== FrameType.CONTINUATION)
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a frame comes inside of a header block");
  }

  #other(frame: Frame): void {
    const { type, flags, stream, bytes, from } = frame;
    if (type === FrameType.WINDOW_UPDATE) this.#windowUpdate(stream, bytes.readUInt32BE(from) & UINT31_MAX);
    else if (type === FrameType.RST_STREAM) this.#reset(stream, bytes.readUInt32BE(from));
    else if (type === FrameType.SETTINGS) this.#settings(frame);
    else if (type === FrameType.PING) this.#ping(frame);
    else if (type === FrameType.GOAWAY) this.#owner.edge.goaway(bytes.readUInt32BE(from) & UINT31_MAX, bytes.readUInt32BE(from + 4));
    else if (type === FrameType.CONTINUATION) {
      if (frame.length === 0 && (flags & Flag.END_HEADERS) === 0) this.#countEmpty();
      if (this.#blocks.goOn(frame)) this.#listed(stream);
    } else if (type === FrameType.PUSH_PROMISE) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "nobody may push");
    else {
      if (type === FrameType.PRIORITY) checkDependency(stream, bytes.readUInt32BE(from));
      this.#countIdle();
    }
  }

  #data(frame: Frame): void {
    const { flags } = frame;
    const { from, to } = (flags & Flag.PADDED) === 0 ? frame : unpadded(frame);
    if (from === to && (flags & Flag.END_STREAM) === 0) this.#countEmpty();
    if (frame.begins) this.#beginData(frame);
    const stream = this.#owner.streams.get(frame.stream);
    if (stream !== undefined) {
      if (to > from) stream.take(frame.bytes.subarray(from, to));
      if (frame.ends) {
        if ((flags & Flag.END_STREAM) !== 0) stream.endRemote();
        else stream.credit();
      }
    }
    if (frame.ends) this.#credit();
  }

  #beginData({ stream: id, length }: Frame): void {
    if (!this.#window.use(length))
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "the peer sent more than the connection's window");
    const stream = this.#owner.streams.get(id);
    if (stream !== undefined) {
      stream.receive(length);
      return;
    }
    if (this.#owner.isIdle(id)) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `DATA come on the idle stream ${id}`);
    if (this.#owner.streams.wasReset(id)) return; // Sent before the peer knew.
    this.#owner.writer.reset(id, ErrorCode.STREAM_CLOSED);
    this.#owner.answered();
    this.#countReset();
  }

  #headers(frame: Frame): void {
    const { streams, role } = this.#owner;
    const id = frame.stream;
    if ((id & 1) === 0 || (role === "client" && this.#owner.isIdle(id)))
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `HEADERS come on stream ${id}, which the peer cannot open`);
    if (streams.get(id) === undefined && !this.#owner.isIdle(id) && !streams.wasReset(id)) {
      if (streams.hasEnded(id)) throw new ConnectionError(ErrorCode.STREAM_CLOSED, `HEADERS come on stream ${id}, which is over`);
      if (role === "server") throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `stream ${id} is opened after later ones`);
    }
    if (this.#blocks.begin(frame)) this.#listed(id);
  }

  /** A header list is whole. */
  #listed(id: number): void {
    const { streams, edge } = this.#owner;
    const { list, flags } = this.#blocks;
    if (list.tooLarge || list.tooManyPairs)
      this.#wrong += Math.min(Math.floor(list.bytes / limits.HEADER_EXCESS_BYTES), limits.HEADER_EXCESS_MAX);
    const stream = streams.get(id);
    if (stream !== undefined) {
      stream.receiveHeaders(list, flags);
      return;
    }
    if (!this.#owner.isIdle(id)) return; // For a stream that was reset: the table has learnt from it.
    this.#owner.remoteOpened(id);
    edge.opened(id, list, flags);
  }

  #windowUpdate(id: number, bytes: number): void {
    if (!this.#updates.take()) throw tooMuch("windows", "too many window updates");
    const stream = id === 0 ? undefined : this.#owner.streams.get(id);
    if (id === 0) {
      if (bytes === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a window grows by nothing");
      if (!this.#owner.widen(bytes))
        throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "the connection's window has more than 2^31-1 bytes");
    } else if (stream !== undefined) stream.receiveWindow(bytes);
    else if (this.#owner.isIdle(id)) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `the window of the idle stream ${id} grows`);
  }

  #reset(id: number, code: number): void {
    if (this.#owner.isIdle(id)) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `the idle stream ${id} is reset`);
    this.#owner.streams.get(id)?.resetByPeer(code);
    this.#countReset();
  }

  #settings(frame: Frame): void {
    if ((frame.flags & Flag.ACK) !== 0) {
      if (frame.length > 0) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "an acknowledgement of SETTINGS has a payload");
      if (!this.#owner.settingsAcknowledged()) this.#countIdle();
      return;
    }
    const settings = settingsOf(frame);
    this.#settled = true;
    if (!this.#flood.settings()) throw tooMuch("settings", "too many settings");
    this.#owner.writer.settingsAck();
    this.#owner.answered();
    this.#owner.settings(settings);
  }

  #ping({ flags, bytes, from, to }: Frame): void {
    if ((flags & Flag.ACK) !== 0) {
      if (!this.#owner.pingAcknowledged()) this.#countIdle();
      return;
    }
    if (!this.#flood.ping()) throw tooMuch("pings", "too_many_pings");
    this.#owner.writer.frame((FrameType.PING << 8) | Flag.ACK, 0, bytes.subarray(from, to));
    this.#owner.answered();
  }

  /** The connection's window is given back, as long as readers keep up. */
  #credit(): void {
    if (this.#heldBytes > limits.HELD_BYTES_MAX) return;
    const bytes = this.#window.refill();
    if (bytes === 0) return;
    this.#owner.writer.windowUpdate(0, bytes);
    this.#owner.answered();
  }

  #countReset(): void {
    if (!this.#resets.take()) throw tooMuch("resets", "too many streams were reset");
  }
  #countIdle(): void {
    if (!this.#priorities.take()) throw tooMuch("priorities", "too many frames that change nothing");
  }
  #countEmpty(): void {
    if (!this.#empty.take()) throw tooMuch("empty", "too many frames with nothing in them");
  }
}
