// The methods that a server knows, by request path: found in the catalogs once, then one look-up a call, until a catalog has new ones.
import { ConfigError, ConfigErrors } from "../../config/place.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Method } from "../../ports/grpc.ts";
import type { Services } from "../../resources/catalog.ts";
import { type MethodRoute, type Route, routesOf } from "./routes.ts";

/** How often the catalogs are asked again, at most. */
export const CATALOG_ASK_MS = 1000;

/** A method that may be called, and where its calls may go. */
export interface Target {
  readonly service: string;
  readonly method: string;
  readonly descriptor: Method;
  readonly routes: readonly MethodRoute[];
}

/** A subject of a catalog: gives the same object again as long as nothing has changed. Throws ConfigError. */
export type Subject = () => Services;

export interface MethodsParts {
  /** First hit wins. */
  readonly subjects: readonly Subject[];
  readonly routes: readonly Route[];
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly log: Log;
}

const readAll = (subjects: readonly Subject[]): Services[] => {
  const mistakes: ConfigError[] = [];
  const services: Services[] = [];
  for (const subject of subjects) {
    try {
      services.push(subject());
    } catch (reason) {
      if (!(reason instanceof ConfigError)) throw reason;
      mistakes.push(reason);
    }
  }
  if (mistakes.length > 0) throw mistakes.length === 1 ? mistakes[0] : new ConfigErrors(mistakes);
  return services;
};

export class Methods {
  readonly #parts: MethodsParts;
  readonly #services: (Services | undefined)[] = [];
  /** Only known methods, so no caller can make it grow. */
  readonly #targets = new Map<string, Target>();
  #askAtMs = 0;
  #complaint = "";

  /** Throws the ConfigError of a subject that cannot be read, or the ConfigErrors of several. */
  constructor(parts: MethodsParts) {
    this.#parts = parts;
    this.#services = readAll(parts.subjects);
    this.#askAtMs = parts.clock.monotonicMs() + CATALOG_ASK_MS;
  }

  /** The method of a request path, `/service/method`. */
  find(path: string): Target | undefined {
    const now = this.#parts.clock.monotonicMs();
    if (now >= this.#askAtMs) this.#askAgain(now);
    const known = this.#targets.get(path);
    if (known) return known;
    const target = this.#lookUp(path);
    if (target) this.#targets.set(path, target);
    return target;
  }

  /** A subject that cannot be read any more keeps what it had: a file that is being edited ends no calls. */
  #askAgain(nowMs: number): void {
    this.#askAtMs = nowMs + CATALOG_ASK_MS;
    for (const [index, subject] of this.#parts.subjects.entries()) {
      try {
        const services = subject();
        if (services === this.#services[index]) continue;
        this.#services[index] = services;
        this.#targets.clear();
        this.#complaint = "";
      } catch (reason) {
        this.#complain(reason);
      }
    }
  }

  #complain(reason: unknown): void {
    const complaint = reason instanceof ConfigError ? reason.toString() : String(reason);
    if (complaint === this.#complaint) return;
    this.#complaint = complaint;
    this.#parts.log.warn("a catalog could not be read again; its methods stay as they were", { reason: complaint });
  }

  #lookUp(path: string): Target | undefined {
    const slash = path.indexOf("/", 1);
    if (slash < 0 || !path.startsWith("/")) return undefined;
    const service = path.slice(1, slash);
    const method = path.slice(slash + 1);
    for (const services of this.#services) {
      const descriptor = services?.get(service)?.get(method);
      if (descriptor) return { service, method, descriptor, routes: routesOf(this.#parts.routes, service, method) };
    }
    return undefined;
  }
}
