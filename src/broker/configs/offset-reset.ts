// Where a share group begins that has no offset: `latest`, `earliest`, or `by_duration:` with an ISO 8601 duration, that long ago.

export type OffsetReset = "latest" | "earliest" | { readonly agoMs: number };

const BY_DURATION = "by_duration:";
/** As Java reads durations: days, hours, minutes, seconds with a fraction; at least one of them. */
const DURATION = /^P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{0,9})?)S)?)?$/i;
const UNITS_MS = [86_400_000, 3_600_000, 60_000, 1_000];

/** Undefined: it is none. */
export const parseOffsetReset = (text: string): OffsetReset | undefined => {
  if (text === "latest" || text === "earliest") return text;
  const parts = text.startsWith(BY_DURATION) ? DURATION.exec(text.slice(BY_DURATION.length)) : null;
  if (!parts) return undefined;
  return { agoMs: UNITS_MS.reduce((sum, unitMs, at) => sum + Number(parts[at + 1] ?? 0) * unitMs, 0) };
};
