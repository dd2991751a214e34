// The forms of gRPC over HTTP that a server speaks: gRPC itself, and gRPC-Web with binary or base64 bodies. They differ in where the
// status is and in what the body is wrapped in.
import type { HttpHeaders, HttpResponse } from "../../ports/http.ts";
import { ACCEPT_ENCODING } from "./compression.ts";

export interface Form {
  /** "none": gRPC itself. */
  readonly web: "none" | "binary" | "text";
  /** As the caller wrote it: the response has the same. */
  readonly contentType: string;
  /** Of every response; metadata comes after them. */
  readonly headers: HttpHeaders;
  /** A response without metadata. */
  readonly response: HttpResponse;
}

const formOf = (web: Form["web"], contentType: string): Form => {
  const headers: HttpHeaders = [
    ["content-type", contentType],
    ["grpc-encoding", "identity"],
    ["grpc-accept-encoding", ACCEPT_ENCODING],
  ];
  return { web, contentType, headers, response: { status: 200, headers } };
};

const KNOWN: ReadonlyMap<string, Form> = new Map(
  (
    [
      ["none", "application/grpc"],
      ["none", "application/grpc+proto"],
      ["binary", "application/grpc-web"],
      ["binary", "application/grpc-web+proto"],
      ["text", "application/grpc-web-text"],
      ["text", "application/grpc-web-text+proto"],
    ] as const
  ).map(([web, contentType]) => [contentType, formOf(web, contentType)]),
);

/** What is answered to a caller whose form is not known. */
export const PLAIN = formOf("none", "application/grpc");

/** Undefined when the content type is none of those. Parameters and case do not matter (RFC 9110 §8.3.1). */
export const formFor = (contentType: string | undefined): Form | undefined => {
  if (contentType === undefined) return undefined;
  const known = KNOWN.get(contentType);
  if (known) return known;
  const [mediaType = ""] = contentType.split(";", 1);
  const like = KNOWN.get(mediaType.trim().toLowerCase());
  return like && formOf(like.web, contentType);
};
