// How an attack ended, and whether that is what containing it means.
import { type Attack, codeName } from "./attack.ts";
import type { Wire } from "./wire.ts";

/** After its last frame an attack that waits for no timer gives the server this long. */
const SETTLE_MS = 3_000;
/** From GOAWAY to the end of the connection. */
const HANG_UP_MS = 5_000;

export interface Ending {
  /** The server ended it. */
  readonly contained: boolean;
  /** And with the code that stands for it. */
  readonly asNamed: boolean;
  /** In words: `GOAWAY ENHANCE_YOUR_CALM, closed`. */
  readonly how: string;
  readonly sentBytes: number;
  /** From the first byte. */
  readonly tookMs: number;
}

const contained = ({ ends }: Attack, { answers, closed }: Wire): boolean => closed || ("reset" in ends && answers.resets.size > 0);

const asNamed = (attack: Attack, wire: Wire): boolean => {
  const { answers, closed } = wire;
  if ("reset" in attack.ends) return closed || answers.resets.has(attack.ends.reset);
  return closed && (answers.goaway === undefined || attack.ends.goaway.includes(answers.goaway));
};

const told = ({ answers, closed }: Wire): string => {
  const parts = [...answers.resets].map(([code, count]) => `${count} x RST_STREAM ${codeName(code)}`);
  if (answers.goaway !== undefined) parts.push(`GOAWAY ${codeName(answers.goaway)}`);
  parts.push(closed ? "closed" : "left open");
  return parts.join(", ");
};

/** Makes the attack and waits for its end. */
export const endingOf = async (attack: Attack, port: number): Promise<Ending> => {
  const began = performance.now();
  const wire = await attack.run(port);
  const { ends } = attack;
  await wire.until(() => wire.told || ("reset" in ends && wire.answers.resets.has(ends.reset)), attack.waitsMs ?? SETTLE_MS);
  if (!("reset" in ends) && !wire.closed && wire.told) await wire.until(() => wire.closed, HANG_UP_MS);
  const tookMs = performance.now() - began;
  const ending = {
    contained: contained(attack, wire),
    asNamed: asNamed(attack, wire),
    how: told(wire),
    sentBytes: wire.sentBytes,
    tookMs,
  };
  wire.socket.destroy();
  return ending;
};
