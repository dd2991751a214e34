// What a grpc server asks of a catalog: the methods that its subjects define.
import type { Method } from "../ports/grpc.ts";

/** Full service names to their methods by name. */
export type Services = ReadonlyMap<string, ReadonlyMap<string, Method>>;

export interface Catalog {
  /**
   * The services of a subject; undefined when there is no such subject in that version. The same object again as long as nothing has
   * changed, so asking is cheap. Throws ConfigError that names file, line and column where the text is at fault, or the place of the
   * subject where it cannot be read.
   */
  services(subject: string, version: string): Services | undefined;
  /** What may be asked for, for messages. */
  readonly subjects: readonly string[];
}
