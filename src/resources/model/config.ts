// Models: how keys and values of a topic are checked and converted. Written as a name, or as a map with further keys.
import { ANNOTATIONS, chosenBy, integer, list, mapOf, object, oneOf, type Schema, shared, text } from "../../config/schema.ts";

const VALIDATE: Schema = {
  description: "How strictly, or how strictly each way",
  if: { type: "object" },
  // biome-ignore lint/suspicious/noThenProperty: it is the keyword of JSON Schema.
  then: object("How strictly each way", {
    decode: oneOf("What comes from Kafka", ["strict", "lenient"]),
    encode: oneOf("What goes to Kafka", ["strict", "lenient"]),
  }),
  else: { enum: ["strict", "lenient"] },
};

const REFERENCE_KEYS = {
  id: integer("The id of a schema"),
  subject: text("The name of a schema"),
  version: text("Which version of it", { default: "latest" }),
  record: text("The message of a proto"),
};

const references = (strategies: readonly string[]): Schema =>
  mapOf(
    "The catalog that has the schema",
    list(
      "References to schemas; the first is used",
      object("A reference to a schema", {
        ...REFERENCE_KEYS,
        strategy: oneOf("How the schema is found: by the topic's name, or by the id in the message", strategies),
        overlay: { type: "object", description: "A second schema that is merged in" },
      }),
      { minItems: 1 },
    ),
    { minProperties: 1, maxProperties: 1 },
  );

const model = (name: string, keys: Readonly<Record<string, Schema>> = {}, required: readonly string[] = []): Schema =>
  object(`The model ${name}`, { model: { const: name }, validate: VALIDATE, ...keys }, { required: ["model", ...required] });

const NUMBER = {
  format: oneOf("How the number is written", ["text", "binary"], { default: "text" }),
  range: text("The interval it must be in, such as '[0,10)'"),
  multiple: { type: "number", description: "What it must be a multiple of" },
};

const MODELS: Readonly<Record<string, Schema>> = {
  protobuf: model("protobuf", { catalog: references(["topic"]), view: oneOf("How the other side is shown", ["json"]) }, ["catalog"]),
  json: model("json", { catalog: references(["topic", "encoded"]) }, ["catalog"]),
  avro: model("avro", { catalog: references(["topic", "encoded"]), view: oneOf("How the other side is shown", ["json"]) }, ["catalog"]),
  string: model("string", {
    encoding: oneOf("How the text is written", ["utf_8", "utf_16"], { default: "utf_8" }),
    minLength: integer("The least number of characters", { minimum: 0 }),
    maxLength: integer("The greatest number of characters", { minimum: 0 }),
    pattern: text("A regular expression that the text must match"),
  }),
  int32: model("int32", NUMBER),
  int64: model("int64", NUMBER),
  float: model("float", NUMBER),
  double: model("double", NUMBER),
  boolean: model("boolean"),
  bytes: model("bytes"),
};

/** Models that need nothing said beside their name. */
const SHORT = Object.entries(MODELS).flatMap(([name, schema]) => (Object(schema["required"]).length > 1 ? [] : [name]));

/** A model by name, or a map with `model`. */
export const MODEL: Schema = shared("model", {
  description: "How it is checked and converted",
  if: { type: "object" },
  // biome-ignore lint/suspicious/noThenProperty: it is the keyword of JSON Schema.
  then: chosenBy("model", MODELS, "A model with its options"),
  else: { enum: SHORT, [ANNOTATIONS.wanted]: `a map with 'model', or one of ${SHORT.join(", ")}` },
});

const MODELS_BY_NAME: Schema = mapOf("Models by name", MODEL);

/** `options.requests` of an http binding: models for what comes in and goes out, by path. */
export const HTTP_REQUESTS: Schema = shared(
  "http-requests",
  list(
    "How requests and responses are checked, by path",
    object(
      "Requests of one path",
      {
        path: text("The path, with {name} for parts of it"),
        method: text("Only this method"),
        "content-type": list("Only these types of content", text("A type")),
        headers: MODELS_BY_NAME,
        params: object("Models of parts of the path and the query", { path: MODELS_BY_NAME, query: MODELS_BY_NAME }),
        content: MODEL,
        responses: list(
          "How responses are checked",
          object("Responses", {
            status: { description: "Only these statuses" },
            "content-type": list("Only these types of content", text("A type")),
            headers: MODELS_BY_NAME,
            content: MODEL,
          }),
        ),
      },
      { required: ["path"] },
    ),
  ),
);
