// A server made of frames, which answers by chance and within the rules what a request's path asks for: header blocks cut in pieces,
// padded, interim responses, bodies in frames of any size, answers of several streams mixed, PINGs and SETTINGS between them.
import { createServer, type Socket } from "node:net";
import { HeaderList } from "../../../src/http2/header-list.ts";
import { HpackDecoder } from "../../../src/http2/hpack-decoder.ts";
import type { Dice } from "../differential/dice.ts";
import { ACK, END_STREAM, type Frame, FrameType, frame, headerBlock, RawPeer, resetFrame, settingsFrame, uint32 } from "../frames.ts";
import { headerFrames, padded } from "./script.ts";
import { checksum, PATTERN } from "./service.ts";

/** `/BYTES/TRAILERS/INTERIM/END`; END is `end`, `headers` or the code of a reset. */
export interface WantedAnswer {
  readonly bytes: number;
  readonly trailers: number;
  readonly interim: number;
  readonly end: "end" | "headers" | number;
}

export const answerPath = ({ bytes, trailers, interim, end }: WantedAnswer): string => `/${bytes}/${trailers}/${interim}/${end}`;

const answerOf = (path: string): WantedAnswer => {
  const [, bytes, trailers, interim, end = ""] = path.split("/");
  return {
    bytes: Number(bytes),
    trailers: Number(trailers),
    interim: Number(interim),
    end: end === "end" || end === "headers" ? end : Number(end),
  };
};

interface Request {
  readonly wanted: WantedAnswer;
  bytes: number;
  sum: number;
}

const LIMITS = { bytesMax: 65_536, pairsMax: 200 };
const PREFACE_BYTES = 24;

function* answerFrames(dice: Dice, id: number, { wanted, bytes, sum }: Request): Generator<Buffer> {
  const { end } = wanted;
  for (let count = wanted.interim; count > 0; count--)
    yield headerFrames(dice, headerBlock([[":status", dice.oneOf(["100", "103"])]]), { id, flags: 0 });
  const fields = [
    [":status", "200"],
    ["x-read", String(bytes)],
    ["x-sum", String(sum)],
  ] as const;
  yield headerFrames(dice, headerBlock(fields), { id, flags: end === "headers" ? END_STREAM : 0 });
  if (end === "headers") return;
  const last = end === "end" && wanted.trailers === 0;
  for (let at = 0; at < wanted.bytes; ) {
    const size = Math.min(wanted.bytes - at, dice.between(1, dice.chance(0.5) ? 60 : 8_000));
    const { flag, bytes: payload } = padded(dice, PATTERN.subarray(at, at + size));
    at += size;
    yield frame({ type: FrameType.DATA, flags: flag | (last && at === wanted.bytes ? END_STREAM : 0), stream: id }, payload);
  }
  if (typeof end === "number") yield resetFrame(id, end);
  else if (last && wanted.bytes === 0) yield frame({ type: FrameType.DATA, flags: END_STREAM, stream: id });
  else if (!last) {
    const trailers = Array.from({ length: wanted.trailers }, (_, at) => [`x-t${at}`, String(at)] as const);
    yield headerFrames(dice, headerBlock(trailers), { id, flags: END_STREAM });
  }
}

/** One connection. */
class Responder {
  readonly #peer: RawPeer;
  readonly #dice: Dice;
  readonly #decoder = new HpackDecoder();
  readonly #list = new HeaderList(LIMITS);
  readonly #requests = new Map<number, Request>();
  readonly #answers: Generator<Buffer>[] = [];
  #taken = 0;
  #answering = false;

  constructor(socket: Socket, dice: Dice) {
    this.#dice = dice;
    this.#peer = new RawPeer(socket, PREFACE_BYTES);
    socket.on("data", () => this.#take());
    this.#peer.send(
      settingsFrame(
        dice.chance(0.3)
          ? []
          : [
              [4, dice.between(0, 70_000)],
              [5, dice.oneOf([16_384, 40_000])],
              [1, dice.oneOf([0, 100, 4_096])],
            ],
      ),
    );
  }

  #take(): void {
    while (this.#taken < this.#peer.frames.length) this.#frame(this.#peer.frames[this.#taken++]!);
  }

  #frame({ type, flags, stream, payload }: Frame): void {
    if (type === FrameType.SETTINGS && (flags & ACK) === 0) this.#peer.send(settingsFrame([], ACK));
    if (type === FrameType.PING && (flags & ACK) === 0) this.#peer.send(frame({ type, flags: ACK, stream: 0 }, payload));
    if (type === FrameType.HEADERS) this.#opened(stream, payload);
    if (type === FrameType.DATA) this.#data(stream, payload);
    if ((type === FrameType.HEADERS || type === FrameType.DATA) && (flags & END_STREAM) !== 0) this.#answer(stream);
  }

  #opened(stream: number, bytes: Buffer): void {
    this.#list.begin();
    this.#decoder.decode({ bytes, from: 0, to: bytes.length }, this.#list);
    this.#requests.set(stream, { wanted: answerOf(this.#list.path), bytes: 0, sum: checksum(new Uint8Array(0)) });
    // Whatever its window was at first: there is room for the body in the end.
    this.#peer.send(frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream }, uint32(this.#dice.between(1, 1_000))));
    this.#peer.send(frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream }, uint32(1_000_000)));
  }

  #data(stream: number, payload: Buffer): void {
    const request = this.#requests.get(stream);
    if (request === undefined) return;
    request.bytes += payload.length;
    request.sum = checksum(payload, request.sum);
    if (payload.length > 0) this.#peer.send(frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 0 }, uint32(payload.length)));
  }

  #answer(stream: number): void {
    const request = this.#requests.get(stream);
    if (request === undefined) return;
    this.#requests.delete(stream);
    this.#answers.push(answerFrames(this.#dice, stream, request));
    if (this.#answering) return;
    this.#answering = true;
    setImmediate(() => this.#go());
  }

  /** Some frames of some answers, in one write; then again. */
  #go(): void {
    const dice = this.#dice;
    const frames: Buffer[] = [];
    for (let count = dice.between(1, 20); count > 0 && this.#answers.length > 0; count--) {
      const turn = dice.between(0, this.#answers.length - 1);
      const { value, done } = this.#answers[turn]!.next();
      if (done) this.#answers.splice(turn, 1);
      else frames.push(value);
    }
    if (dice.chance(0.05)) frames.push(frame({ type: FrameType.PING, flags: 0, stream: 0 }, Buffer.alloc(8)));
    if (dice.chance(0.05)) frames.push(settingsFrame([[4, dice.between(0, 70_000)]]));
    if (dice.chance(0.05)) frames.push(frame({ type: 0x51, flags: 0, stream: 0 }, Buffer.alloc(3)));
    this.#cut(Buffer.concat(frames));
    this.#answering = this.#answers.length > 0;
    if (this.#answering) setImmediate(() => this.#go());
  }

  #cut(bytes: Buffer): void {
    const at = this.#dice.between(0, bytes.length);
    this.#peer.socket.write(bytes.subarray(0, at));
    this.#peer.socket.write(bytes.subarray(at));
  }
}

export interface RespondingServer {
  readonly port: number;
  close(): void;
}

/** Listens; each connection is answered by the dice that are at hand when it comes. */
export const listenResponder = async (dice: () => Dice): Promise<RespondingServer> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    new Responder(socket, dice());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen on tcp");
  return {
    port: address.port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};
