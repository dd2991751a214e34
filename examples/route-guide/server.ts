// The gRPC server of the quickstart: features on a map, walks past them, and notes left at points.
//
//   npx node examples/route-guide/server.ts [PORT]      default 50051
import type { ServerDuplexStream, ServerReadableStream, ServerUnaryCall, ServerWritableStream, sendUnaryData } from "@grpc/grpc-js";
import { type Served, serve } from "../serve.ts";
import { distanceOf, FEATURES, type Feature, featureAt, isWithin, type Point, type Rectangle } from "./map.ts";

interface Note {
  readonly location: Point;
  readonly message: string;
}

interface Summary {
  readonly point_count: number;
  readonly feature_count: number;
  readonly distance: number;
  readonly elapsed_time: number;
}

const notes = new Map<string, Note[]>();

const implementation = {
  GetFeature({ request }: ServerUnaryCall<Point, Feature>, answer: sendUnaryData<Feature>): void {
    answer(null, featureAt(request));
  },

  ListFeatures(call: ServerWritableStream<Rectangle, Feature>): void {
    for (const feature of FEATURES) if (isWithin(feature.location, call.request)) call.write(feature);
    call.end();
  },

  RecordRoute(call: ServerReadableStream<Point, Summary>, answer: sendUnaryData<Summary>): void {
    const began = performance.now();
    const points: Point[] = [];
    call.on("data", (point: Point) => points.push(point));
    call.on("end", () => {
      const featureCount = points.filter((point) => featureAt(point).name !== "").length;
      const elapsedSeconds = Math.floor((performance.now() - began) / 1000);
      answer(null, { point_count: points.length, feature_count: featureCount, distance: distanceOf(points), elapsed_time: elapsedSeconds });
    });
  },

  RouteChat(call: ServerDuplexStream<Note, Note>): void {
    call.on("data", (note: Note) => {
      const place = `${note.location.latitude},${note.location.longitude}`;
      const earlier = notes.get(place) ?? [];
      for (const left of earlier) call.write(left);
      notes.set(place, [...earlier, note]);
    });
    call.on("end", () => call.end());
  },
};

export const routeGuide: Served = {
  proto: new URL("protos/route_guide.proto", import.meta.url),
  service: "routeguide.RouteGuide",
  implementation,
};

if (import.meta.main) await serve(routeGuide, 50051);
