// Header blocks of one direction of a connection: a HEADERS frame, or one with CONTINUATIONs, to a header list.
import { ConnectionError, ErrorCode, tooMuch } from "./codes.ts";
import { Flag, type Frame } from "./frame.ts";
import { unpadded } from "./frame-rules.ts";
import { type HeaderLimits, HeaderList } from "./header-list.ts";
import { type Block, HpackDecoder, HpackError } from "./hpack-decoder.ts";
import { CONTINUATIONS_MAX, HEADER_BLOCK_BYTES_MAX } from "./limits.ts";

const NO_STREAM = 0;

export class HeaderBlocks {
  /** The last list that was whole. */
  readonly list: HeaderList;
  readonly #decoder = new HpackDecoder();
  readonly #bytesMax: number;
  /** The stream whose block has begun and not ended. */
  #open = NO_STREAM;
  #flags = 0;
  #gathered: Buffer = Buffer.alloc(0);
  #continuations = 0;

  constructor(limits: HeaderLimits) {
    this.list = new HeaderList(limits);
    this.#bytesMax = Math.max(HEADER_BLOCK_BYTES_MAX, 2 * limits.bytesMax);
  }

  /** 0: none. */
  get open(): number {
    return this.#open;
  }
  /** Of the HEADERS frame. */
  get flags(): number {
    return this.#flags;
  }

  /** True: the list is whole. */
  begin(frame: Frame): boolean {
    const { from, to } = unpadded(frame);
    this.#flags = frame.flags;
    if ((frame.flags & Flag.END_HEADERS) !== 0) {
      this.#decode({ bytes: frame.bytes, from, to });
      return true;
    }
    this.#open = frame.stream;
    this.#continuations = 0;
    this.#gathered = Buffer.from(frame.bytes.subarray(from, to));
    return false;
  }

  /** True: the list is whole. */
  goOn({ stream, flags, bytes, from, to }: Frame): boolean {
    if (this.#open === NO_STREAM || stream !== this.#open)
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "CONTINUATION without a header block");
    this.#continuations += 1;
    this.#gathered = Buffer.concat([this.#gathered, bytes.subarray(from, to)]);
    if (this.#continuations > CONTINUATIONS_MAX || this.#gathered.length > this.#bytesMax)
      throw tooMuch("continuations", "a header block is too long");
    if ((flags & Flag.END_HEADERS) === 0) return false;
    this.#open = NO_STREAM;
    const block = this.#gathered;
    this.#gathered = Buffer.alloc(0);
    this.#decode({ bytes: block, from: 0, to: block.length });
    return true;
  }

  #decode(block: Block): void {
    this.list.begin();
    try {
      this.#decoder.decode(block, this.list);
    } catch (reason) {
      if (reason instanceof HpackError) throw new ConnectionError(ErrorCode.COMPRESSION_ERROR, reason.message);
      throw reason;
    }
  }
}
