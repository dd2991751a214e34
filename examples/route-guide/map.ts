// The map of the RouteGuide: a few places along the Rhine, and how far apart they are.

/** Degrees times ten million. */
export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

export interface Rectangle {
  readonly lo: Point;
  readonly hi: Point;
}

export interface Feature {
  /** Empty where nothing is known of the place. */
  readonly name: string;
  readonly location: Point;
}

const feature = (name: string, latitude: number, longitude: number): Feature => ({ name, location: { latitude, longitude } });

export const FEATURES: readonly Feature[] = [
  feature("Lake Toma", 466330000, 86800000),
  feature("Rhine Falls", 476780000, 86150000),
  feature("Basel Minster", 475560000, 75920000),
  feature("Lorelei", 501390000, 77290000),
  feature("Cologne Cathedral", 509410000, 69580000),
];

/** The feature at exactly that point, or a nameless one. */
export const featureAt = (point: Point): Feature =>
  FEATURES.find(({ location }) => location.latitude === point.latitude && location.longitude === point.longitude) ?? {
    name: "",
    location: point,
  };

const isBetween = (value: number, a: number, b: number): boolean => value >= Math.min(a, b) && value <= Math.max(a, b);

export const isWithin = ({ latitude, longitude }: Point, { lo, hi }: Rectangle): boolean =>
  isBetween(latitude, lo.latitude, hi.latitude) && isBetween(longitude, lo.longitude, hi.longitude);

const EARTH_RADIUS_M = 6_371_000;
const radians = (e7: number): number => (e7 / 1e7) * (Math.PI / 180);

/** Along a great circle, in metres (the haversine formula). */
const distanceBetween = (a: Point, b: Point): number => {
  const [latitudeA, latitudeB] = [radians(a.latitude), radians(b.latitude)];
  const halfLatitude = Math.sin((latitudeB - latitudeA) / 2);
  const halfLongitude = Math.sin((radians(b.longitude) - radians(a.longitude)) / 2);
  const half = halfLatitude ** 2 + Math.cos(latitudeA) * Math.cos(latitudeB) * halfLongitude ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(half));
};

/** The whole way from point to point, in whole metres. */
export const distanceOf = (points: readonly Point[]): number => {
  let metres = 0;
  for (let at = 1; at < points.length; at++) metres += distanceBetween(points[at - 1]!, points[at]!);
  return Math.round(metres);
};
