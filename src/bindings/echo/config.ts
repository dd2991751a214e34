// `type: echo`: nothing to configure.
import { type BindingPart, bindingSchema } from "../../config/part.ts";

export type EchoServerConfig = Readonly<Record<never, never>>;

export const server: BindingPart<EchoServerConfig> = {
  type: "echo",
  kind: "server",
  schema: bindingSchema({ type: "echo", kind: "server", description: "Sends back what it receives", exit: "none" }),
  parse: () => ({}),
};
