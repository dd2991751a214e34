// Controls: a test puts itself before an API to delay, fail or watch its requests, as kfake lets one do.
import type { Asked } from "./network/client.ts";

/** Sees every request of an API before it is handled; what it answers other than undefined is sent in place of the API's own answer. */
export type Control<Request, Response> = (request: Request, asked: Asked) => undefined | Response | Promise<undefined | Response>;

/** Ends a control. */
export type Uncontrol = () => void;

export class Controls {
  readonly #controls = new Map<number, Control<never, unknown>[]>();

  /** The newest control of an API is asked first; the first that answers something other than undefined wins. */
  add<Request, Response>(key: number, control: Control<Request, Response>): Uncontrol {
    const all = this.#controls.get(key) ?? [];
    this.#controls.set(key, [control, ...all]);
    return () => {
      const left = (this.#controls.get(key) ?? []).filter((other) => other !== control);
      if (left.length > 0) this.#controls.set(key, left);
      else this.#controls.delete(key);
    };
  }

  /** What a control answers instead of the API; undefined: the API answers. */
  async ask<Request, Response>(key: number, request: Request, asked: Asked): Promise<Response | undefined> {
    const all = this.#controls.get(key);
    if (all === undefined) return undefined;
    for (const control of all) {
      const answer = await (control as Control<Request, Response>)(request, asked); // Whoever added it named the types of this key.
      if (answer !== undefined) return answer;
    }
    return undefined;
  }
}
