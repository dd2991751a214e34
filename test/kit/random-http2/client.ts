// Plays scripts against a server, and compares what it answers with what it has been asked for.
import { once } from "node:events";
import { connect } from "node:net";
import { HeaderList } from "../../../src/http2/header-list.ts";
import { HpackDecoder } from "../../../src/http2/hpack-decoder.ts";
import { Dice } from "../differential/dice.ts";
import { ACK, END_HEADERS, END_STREAM, type Frame, FrameType, frame, PREFACE, RawPeer, settingsFrame, uint32 } from "../frames.ts";
import { type Fields, type ScriptedRequest, scriptOf } from "./script.ts";
import { checksum, PATTERN } from "./service.ts";

const HANG_MS = 20_000;
const WINDOW = 1_000_000;
const LAST_PING = Buffer.from("the last");
const LIMITS = { bytesMax: 65_536, pairsMax: 200 };
const PADDED = 0x8;
const NO_ERROR = 0;
const INTERNAL_ERROR = 2;

/** One response as it is told to a caller. */
interface Response {
  /** Header lists: the response's, and its trailers. */
  readonly lists: Fields[];
  bytes: number;
  sum: number;
  end: string;
}

/** Makes responses of frames. */
class Responses {
  readonly byId = new Map<number, Response>();
  readonly #decoder = new HpackDecoder();
  readonly #list = new HeaderList(LIMITS);
  #block: Buffer[] = [];
  #flags = 0;
  goaway = false;

  take({ type, flags, stream, payload }: Frame): void {
    if (type === FrameType.GOAWAY) this.goaway = true;
    if (type === FrameType.HEADERS) {
      this.#block = [unpadded(flags, payload)];
      this.#flags = flags;
    } else if (type === FrameType.CONTINUATION) this.#block.push(payload);
    if ((type === FrameType.HEADERS || type === FrameType.CONTINUATION) && (flags & END_HEADERS) !== 0) this.#headers(stream);
    if (type === FrameType.DATA) this.#data(stream, flags, unpadded(flags, payload));
    if (type === FrameType.RST_STREAM) this.#reset(stream, payload.readUInt32BE());
  }

  #of(stream: number): Response {
    const known = this.byId.get(stream);
    if (known) return known;
    const response = { lists: [], bytes: 0, sum: checksum(new Uint8Array(0)), end: "" };
    this.byId.set(stream, response);
    return response;
  }
  /** What comes after the end may still say that it was none. */
  #reset(stream: number, code: number): void {
    const response = this.#of(stream);
    if (response.end === "" || code !== NO_ERROR) response.end = `reset ${code}`;
  }
  #headers(stream: number): void {
    const bytes = Buffer.concat(this.#block);
    this.#list.begin();
    this.#decoder.decode({ bytes, from: 0, to: bytes.length }, this.#list);
    const response = this.#of(stream);
    const { status, fields } = this.#list;
    response.lists.push([
      ...(status > 0 ? [[":status", String(status)] as const] : []),
      ...fields.filter(([name]) => name.startsWith("x-")),
    ]);
    if ((this.#flags & END_STREAM) !== 0) response.end ||= "end";
  }
  #data(stream: number, flags: number, bytes: Buffer): void {
    const response = this.#of(stream);
    response.bytes += bytes.length;
    response.sum = checksum(bytes, response.sum);
    if ((flags & END_STREAM) !== 0) response.end ||= "end";
  }
}

const unpadded = (flags: number, payload: Buffer): Buffer =>
  (flags & PADDED) === 0 ? payload : payload.subarray(1, payload.length - payload[0]!);

/** What is to be seen of it. */
const expectedOf = ({ wanted, headers, body }: ScriptedRequest): string => {
  if (wanted.end === "reset") return `reset ${INTERNAL_ERROR}`;
  const sum = checksum(Buffer.from(headers.map(([name, value]) => `${name}=${value}\n`).join(""), "latin1"));
  const list = [
    [":status", "200"],
    ["x-read", String(body.length)],
    ["x-sum", String(checksum(body))],
    ["x-headers", String(sum)],
  ];
  const isWhole = wanted.end === "headers";
  const bytes = isWhole ? 0 : wanted.bytes;
  const trailers = Array.from({ length: isWhole ? 0 : wanted.trailers }, (_, at) => [`x-t${at}`, String(at)]);
  return JSON.stringify([trailers.length > 0 ? [list, trailers] : [list], bytes, checksum(PATTERN.subarray(0, bytes)), "end"]);
};

const seenOf = (response: Response | undefined): string => {
  if (response === undefined || response.end === "") return "nothing, or not to its end";
  if (response.end !== "end") return response.end;
  return JSON.stringify([response.lists, response.bytes, response.sum, response.end]);
};

const greetedPeer = async (port: number, dice: Dice): Promise<RawPeer> => {
  const socket = connect(port, "127.0.0.1");
  const peer = new RawPeer(socket);
  await once(socket, "connect");
  peer.send(
    PREFACE,
    settingsFrame(
      dice.chance(0.5)
        ? []
        : [
            [4, dice.between(0, 70_000)],
            [1, dice.oneOf([0, 100, 4_096])],
          ],
    ),
    settingsFrame([], ACK),
  );
  return peer;
};

/** In writes of any size. */
const play = async (peer: RawPeer, dice: Dice, frames: readonly Buffer[]): Promise<void> => {
  const bytes = Buffer.concat(frames);
  for (let at = 0; at < bytes.length; ) {
    const size = dice.chance(0.5) ? dice.between(1, 200) : dice.between(200, 20_000);
    peer.send(bytes.subarray(at, at + size));
    at += size;
    if (dice.chance(0.3)) await new Promise((next) => setImmediate(next));
  }
};

export interface Played {
  readonly exchanges: number;
  /** What was not as expected. */
  readonly faults: readonly string[];
}

export interface PlayedOn {
  readonly port: number;
  /** On node:http2 a response that ends with an error after its headers just ends. */
  readonly resets: boolean;
}

/** One connection, by its seed. */
export const playConnection = async ({ port, resets }: PlayedOn, seed: number): Promise<Played> => {
  const dice = new Dice(seed);
  const peer = await greetedPeer(port, dice);
  const { requests, frames } = scriptOf(dice, resets ? "any" : "empty");
  const responses = new Responses();
  await play(peer, dice, frames);
  const open = requests.filter(({ cancelled, wanted }) => !cancelled && (resets || wanted.end !== "reset"));
  // Now they may come, all of them.
  const windows = requests.map(({ id }) => frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: id }, uint32(WINDOW)));
  peer.send(frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 0 }, uint32(WINDOW)), ...windows);
  const late = setTimeout(() => peer.socket.destroy(), HANG_MS);
  let taken = 0;
  const take = (): void => {
    while (taken < peer.frames.length) responses.take(peer.frames[taken++]!);
  };
  await peer.until(() => {
    take();
    return responses.goaway || open.every(({ id }) => (responses.byId.get(id)?.end ?? "") !== "");
  });
  peer.send(frame({ type: FrameType.PING, flags: 0, stream: 0 }, LAST_PING));
  await peer.until(({ type, payload }) => type === FrameType.PING && payload.equals(LAST_PING));
  take();
  clearTimeout(late);
  peer.socket.destroy();
  const faults = open
    .map((request) => ({ id: request.id, seen: seenOf(responses.byId.get(request.id)), wanted: expectedOf(request) }))
    .filter(({ seen, wanted }) => seen !== wanted)
    .map(({ id, seen, wanted }) => `seed ${seed}, stream ${id}: ${seen}, ${wanted} is wanted`);
  if (responses.goaway) faults.push(`seed ${seed}: GOAWAY`);
  return { exchanges: requests.length, faults };
};
