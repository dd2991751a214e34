// The original's produce scenarios as data: what is called, what Kafka does, and what is expected of both sides.
import { INTERNAL } from "../../../src/core/status.ts";
import type { Message, Metadata } from "../../../src/ports/grpc.ts";
import type { MemoryKafka } from "../../kit/memory-kafka.ts";
import { HW, HW1, HW2, turns } from "./proxy-kit.ts";

const BINARY: Metadata = [["custom-bin", "dGVzdA=="]];
export const TEXT: Metadata = [["custom", "test"]];
const BOTH = { "meta:custom": "value", "meta:customProperty-bin": "dGVzdA==" };
const BOTH_METADATA: Metadata = [
  ["custom", "value"],
  ["customproperty-bin", "dGVzdA=="],
];

export interface Reply {
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string | null>>;
}

export interface Scenario {
  readonly name: string;
  readonly method: string;
  readonly digest: string;
  readonly metadata: Metadata;
  readonly requests: readonly Message[];
  /** The caller does not half-close by itself. */
  readonly open?: true;
  /** The caller leaves after that many requests. */
  readonly leave?: number;
  /** Given once so many request records are there. */
  readonly replies?: { readonly after: number; readonly records: readonly Reply[] };
  /** What goes wrong, and when. */
  readonly fault?: (kafka: MemoryKafka) => void;
  /** Values of the records on the topic. */
  readonly records: readonly (Message | null)[];
  readonly status: { readonly code: number; readonly message?: string };
  readonly headers?: Metadata;
  readonly messages: readonly Message[];
}

const message = (field1: string): Message => {
  const length = field1.length;
  const prefix = [0x0a, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
  return new Uint8Array(Buffer.concat([Buffer.from(prefix), Buffer.from(field1)]));
};
const LETTERS = message("x".repeat(102400));

const UNARY = { method: "EchoUnary", digest: "479f2c3fb58bc3f04bbe15440a657670" };
export const CLIENT = { method: "EchoClientStream", digest: "97e816c79fb6624b7d221026cc36107c" };
const SERVER = { method: "EchoServerStream", digest: "08085616660359db13a42b81ed633c5d" };
const BIDI = { method: "EchoBidiStream", digest: "14f43bae85c2ce394c9bd81ff6fa9d77" };
const OK = { code: 0 };
const REFUSED = { code: 13 };

/** With the original's names. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "P1 unary.rpc",
    ...UNARY,
    metadata: BINARY,
    requests: [HW],
    replies: { after: 2, records: [{ value: HW, headers: BOTH }, { value: null }] },
    records: [HW, null],
    status: OK,
    headers: BOTH_METADATA,
    messages: [HW],
  },
  {
    name: "P2 unary.rpc.message.value.100k",
    ...UNARY,
    metadata: TEXT,
    requests: [LETTERS],
    replies: { after: 2, records: [{ value: LETTERS, headers: { "meta:custom": "value" } }, { value: null }] },
    records: [LETTERS, null],
    status: OK,
    headers: [["custom", "value"]],
    messages: [LETTERS],
  },
  {
    name: "P3 unary.rpc.rejected",
    ...UNARY,
    metadata: TEXT,
    requests: [],
    open: true,
    fault: (kafka) => {
      kafka.refuseFetch = () => INTERNAL;
    },
    records: [],
    status: REFUSED,
    messages: [],
  },
  {
    name: "P3 with a message whose produce is refused",
    ...UNARY,
    metadata: TEXT,
    requests: [HW],
    open: true,
    fault: (kafka) => {
      kafka.refuse = () => INTERNAL;
    },
    records: [],
    status: REFUSED,
    messages: [],
  },
  {
    name: "P4 unary.rpc.error",
    ...UNARY,
    metadata: TEXT,
    requests: [HW],
    replies: {
      after: 2,
      records: [{ value: null, headers: { "zilla:status": "9", "zilla:message": "Custom Error Message", "meta:custom": "value" } }],
    },
    records: [HW, null],
    status: { code: 9, message: "Custom Error Message" },
    headers: [["custom", "value"]],
    messages: [],
  },
  {
    name: "P5 unary.rpc.sent.write.abort",
    ...UNARY,
    metadata: TEXT,
    requests: [],
    open: true,
    leave: 0,
    records: [null],
    status: { code: 1 },
    messages: [],
  },
  {
    name: "P6 client.stream.rpc",
    ...CLIENT,
    metadata: BINARY,
    requests: [HW1, HW2],
    replies: { after: 3, records: [{ value: HW, headers: BOTH }, { value: null }] },
    records: [HW1, HW2, null],
    status: OK,
    headers: BOTH_METADATA,
    messages: [HW],
  },
  {
    name: "P7 client.stream.rpc.write.abort",
    ...CLIENT,
    metadata: TEXT,
    requests: [HW1],
    open: true,
    fault: (kafka) => {
      kafka.onRecord = ({ topic, value }) => {
        if (topic === "requests" && value !== null) setImmediate(() => kafka.failFetches(INTERNAL));
      };
    },
    records: [HW1, null],
    status: REFUSED,
    messages: [],
  },
  {
    name: "P8 server.stream.rpc",
    ...SERVER,
    metadata: BINARY,
    requests: [HW],
    replies: { after: 2, records: [{ value: HW1, headers: BOTH }, { value: HW2 }, { value: null }] },
    records: [HW, null],
    status: OK,
    headers: BOTH_METADATA,
    messages: [HW1, HW2],
  },
  {
    name: "P9 server.stream.rpc.read.aborted",
    ...SERVER,
    metadata: TEXT,
    requests: [],
    open: true,
    fault: (kafka) => void turns().then(() => kafka.failFetches(INTERNAL)),
    records: [null],
    status: REFUSED,
    messages: [],
  },
  {
    name: "P10 bidi.stream.rpc",
    ...BIDI,
    metadata: BINARY,
    requests: [HW1, HW2],
    open: true,
    replies: { after: 2, records: [{ value: HW1, headers: BOTH }, { value: HW2 }, { value: null }] },
    records: [HW1, HW2, null],
    status: OK,
    headers: BOTH_METADATA,
    messages: [HW1, HW2],
  },
  {
    name: "P11 bidi.stream.rpc.write.abort",
    ...BIDI,
    metadata: TEXT,
    requests: [HW1],
    open: true,
    replies: { after: 1, records: [{ value: HW1, headers: { "meta:custom": "value" } }] },
    fault: (kafka) => void turns().then(() => kafka.failFetches(INTERNAL)),
    records: [HW1, null],
    status: REFUSED,
    headers: [["custom", "value"]],
    messages: [HW1],
  },
];
