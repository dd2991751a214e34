// The flags that every command which looks for the engine directory has.
import type { Flag } from "./command.ts";

export const PROPERTY_FLAGS: readonly Flag[] = [
  { long: "property", short: "P", value: "NAME=VALUE", repeated: true, help: "an engine property; -PNAME alone means true" },
  { long: "properties", short: "p", value: "FILE", help: "a properties file (default .zilla/zilla.properties, where it exists)" },
];
