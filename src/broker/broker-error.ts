// How a request, or a part of one, is refused with one of Kafka's codes.
import { ErrorCode, type KafkaErrorName } from "../kafka/wire/errors.ts";

/** Thrown by a `handle`, the API's `refuse` makes the response of it; the message goes to the client where the version has a field for it. */
export class BrokerError extends Error {
  readonly code: number;
  /** Its name among Kafka's. */
  readonly error: KafkaErrorName;

  constructor(name: KafkaErrorName, message = "") {
    super(message || name);
    this.name = name;
    this.error = name;
    this.code = ErrorCode[name];
  }
}
