// The four codecs of record batches. Node brings gzip and zstd; snappy and lz4 have files of our own. Whatever a producer claims, no more
// than `bytesMax` is ever allocated for a batch.
import zlib from "node:zlib";
import { copy } from "../../core/bytes.ts";
import { compressLz4 } from "./encode-lz4.ts";
import { compressSnappy } from "./encode-snappy.ts";
import { decompressLz4 } from "./lz4.ts";
import { WireError } from "./reader.ts";
import { decompressSnappy } from "./snappy.ts";

/** What we compress with. */
export type Compression = "gzip" | "snappy" | "lz4" | "zstd";

/** A buffer may be so many times as large as what is used of it. */
const SLACK = 2;

const GZIP = 1;
const SNAPPY = 2;
const LZ4 = 3;
const ZSTD = 4;

const BITS: Readonly<Record<Compression, number>> = { gzip: GZIP, snappy: SNAPPY, lz4: LZ4, zstd: ZSTD };

/** The codec's number in the attributes of a batch. */
export const compressionBits = (compression: Compression): number => BITS[compression];

/** The codec of that number; undefined for none. */
export const compressionOf = (bits: number): Compression | undefined => COMPRESSIONS.find((compression) => BITS[compression] === bits);
const COMPRESSIONS = Object.keys(BITS) as readonly Compression[]; // The keys of that record.

/** `level`: how hard gzip (1 to 9, or -1) and zstd (to 22) try; absent, as they come. Snappy and lz4 know one way. */
export const compress = (compression: Compression, bytes: Uint8Array, level?: number): Uint8Array => {
  if (compression === "snappy") return compressSnappy(bytes);
  if (compression === "lz4") return compressLz4(bytes);
  if (compression === "gzip") return zlib.gzipSync(bytes, level === undefined ? {} : { level });
  return zlib.zstdCompressSync(bytes, level === undefined ? {} : { params: { [zlib.constants.ZSTD_c_compressionLevel]: level } });
};

/** Throws a WireError when the bytes are malformed, larger than `bytesMax` when decompressed, or of a codec that has no name. */
export const decompress = (bits: number, bytes: Uint8Array, bytesMax: number): Uint8Array => trimmed(codec(bits, bytes, bytesMax));

const codec = (bits: number, bytes: Uint8Array, bytesMax: number): Uint8Array => {
  if (bits === SNAPPY) return decompressSnappy(bytes, bytesMax);
  if (bits === LZ4) return decompressLz4(bytes, bytesMax);
  if (bits !== GZIP && bits !== ZSTD) throw new WireError(`compression ${bits} is not known`);
  const options = { maxOutputLength: bytesMax };
  try {
    return bits === GZIP ? zlib.gunzipSync(bytes, options) : zlib.zstdDecompressSync(bytes, options);
  } catch (reason) {
    throw new WireError(`${bits === GZIP ? "gzip" : "zstd"}: ${reason instanceof Error ? reason.message : String(reason)}`);
  }
};

/** Codecs give the front of a larger buffer (zstd and gzip: of 64 KiB), which records would keep alive as long as they are kept. */
const trimmed = (bytes: Uint8Array): Uint8Array => (bytes.buffer.byteLength > bytes.length * SLACK ? copy(bytes) : bytes);
