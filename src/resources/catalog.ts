// What a grpc server asks of a catalog: the methods that its subjects define.
import type { Method } from "../ports/grpc.ts";

/** Full service names to their methods by name. */
export type Services = ReadonlyMap<string, ReadonlyMap<string, Method>>;

export interface Catalog {
  /**
   * The services of a subject, parsed with its imports. Fails with a ConfigError that names file, line and column of the
   * proto where the text is at fault, or the subject where it is unknown.
   */
  services(subject: string, version: string): Services;
}
