// `grpc-timeout`, both ways (PROTOCOL-HTTP2, "Timeout": one to eight digits and a unit).

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
const DIGITS_MAX = 8;
const VALUE_END = 10 ** DIGITS_MAX;

/** Milliseconds, maybe a fraction; undefined when the text is no timeout. */
export const parseTimeoutMs = (value: string): number | undefined => {
  const digits = value.length - 1;
  const unitMs = UNIT_MS[value.charAt(digits)];
  if (digits < 1 || digits > DIGITS_MAX || unitMs === undefined) return undefined;
  let amount = 0;
  for (let i = 0; i < digits; i++) {
    const digit = value.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    amount = amount * 10 + digit;
  }
  return amount * unitMs;
};

/** The remaining time as finely as eight digits allow, rounded up: the peer's patience is never shorter than ours. */
export const formatTimeout = (ms: number): string => {
  if (ms < 1) return `${Math.max(1, Math.ceil(ms * 1000))}u`;
  for (const unit of ["m", "S", "M"]) {
    const amount = Math.ceil(ms / UNIT_MS[unit]!);
    if (amount < VALUE_END) return `${amount}${unit}`;
  }
  return `${Math.min(VALUE_END - 1, Math.ceil(ms / UNIT_MS["H"]!))}H`;
};
