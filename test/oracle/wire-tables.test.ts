// The tables of the protocol's APIs against Apache Kafka's own definitions, field by field: names, order, types, versions, nulls, tags,
// defaults. That the comparison can fail is shown by planting every kind of fault in every field.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Fields } from "../../src/kafka/wire/type.ts";
import { tables, versioned } from "../kafka/wire/api/tables.ts";
import { jarsOf, KAFKA_VERSION } from "../kafka-server/jars.ts";
import { needs } from "../kit/needs.ts";
import { both, type Definition, definitionsIn, differences, type FieldDefinition, NEVER, type Range, rangeOf } from "./wire-definitions.ts";

let definitions: ReadonlyMap<string, Definition>;

const definitionOf = (name: string): Definition => {
  const found = definitions.get(name);
  if (found === undefined) throw new Error(`Apache Kafka ${KAFKA_VERSION} has no ${name}`);
  return found;
};

interface Described {
  readonly name: string;
  readonly key?: number;
  readonly versions: { readonly min: number; readonly max: number };
  readonly flexibleFrom: number;
  readonly fields: Fields | undefined;
}

/** Both directions of every API, then what is versioned by itself. */
const described: readonly Described[] = [
  ...tables.flatMap(({ api: { key, name, versions, flexibleFrom, request, response } }) => [
    { name: `${name}Request`, key, versions, flexibleFrom, fields: request.fields },
    { name: `${name}Response`, key, versions, flexibleFrom, fields: response.fields },
  ]),
  ...versioned.map(({ name, versions, type }) => ({ name, versions, flexibleFrom: Number.POSITIVE_INFINITY, fields: type.fields })),
];

const bodyDifferences = ({ fields }: Described, definition: Definition): readonly string[] =>
  differences(definition.fields, fields, {
    path: definition.name,
    range: rangeOf(definition.validVersions),
    common: definition.commonStructs ?? [],
    inTag: false,
  });

interface Planted {
  readonly field: FieldDefinition;
  /** The versions that have it. */
  readonly range: Range;
}

/** All fields of a definition that a table can have, also those of structs in structs. */
const fieldsOf = ({ fields, commonStructs = [], validVersions }: Definition): readonly Planted[] => {
  const below = (within: Range, of: readonly FieldDefinition[]): readonly Planted[] =>
    of.flatMap((field) => {
      const range = both(within, rangeOf(field.versions));
      return range === NEVER ? [] : [{ field, range }, ...below(range, field.fields ?? [])];
    });
  const valid = rangeOf(validVersions);
  return [...below(valid, fields), ...commonStructs.flatMap((one) => below(both(valid, rangeOf(one.versions)), one.fields))];
};

type Fault = (planted: Planted) => Partial<FieldDefinition> | undefined;
const versionsOf = ([from, to]: Range): string => (from > to ? "none" : `${from}-${to}`);

/** What a field is said to be instead; undefined where that would be no fault. */
const FAULTS: Readonly<Record<string, Fault>> = {
  "another name": ({ field: { name } }) => ({ name: `${name}X` }),
  "another type": ({ field: { type } }) => ({ type: type === "int16" ? "int32" : "int16" }),
  "an array": ({ field: { type } }) => ({ type: type.startsWith("[]") ? type.slice(2) : `[]${type}` }),
  "it begins later": ({ range: [from, to] }) => ({ versions: versionsOf([from + 1, to]) }),
  "it ends earlier": ({ range: [from, to] }) => ({ versions: versionsOf([from, to - 1]) }),
  "null or not": ({ field: { nullableVersions = "none" }, range }) => ({
    nullableVersions: both(rangeOf(nullableVersions), range) === NEVER ? versionsOf(range) : "none",
  }),
  "null later": ({ field: { nullableVersions = "none" }, range }) => {
    const [from, to] = both(rangeOf(nullableVersions), range);
    return from > to ? undefined : { nullableVersions: versionsOf([from + 1, to]) };
  },
  "a tag": ({ field: { tag, taggedVersions, versions } }) => ({
    tag: tag === undefined ? 9 : tag + 1,
    taggedVersions: taggedVersions ?? versions,
  }),
  "tagged at other versions": ({ field: { tag }, range: [from, to] }) =>
    tag === undefined ? undefined : { taggedVersions: versionsOf([from + 1, to]) },
  "another default": ({ field: { tag, default: stated, type } }) =>
    tag !== undefined && /^(int|bool|string)/.test(type)
      ? { default: type === "bool" ? String(stated !== "true") : `${stated ?? ""}7` }
      : undefined,
};

const keep = <T extends object>(from: T): T => structuredClone(from);

describe(`the wire tables are Apache Kafka ${KAFKA_VERSION}'s`, needs("kafka"), () => {
  before(async () => {
    const jar = join(await jarsOf(KAFKA_VERSION), `kafka-clients-${KAFKA_VERSION}.jar`);
    definitions = definitionsIn(readFileSync(jar));
  });

  it("in every field of every version", () => {
    const told = described.flatMap((one) => bodyDifferences(one, definitionOf(one.name)));
    assert.deepEqual(told, []);
  });

  it("in their numbers, their versions and where they become flexible", () => {
    for (const { name, key, versions, flexibleFrom } of described) {
      const { apiKey, validVersions, flexibleVersions } = definitionOf(name);
      const [from] = rangeOf(flexibleVersions);
      assert.deepEqual(
        { name, key, versions: [versions.min, versions.max], flexibleFrom },
        {
          name,
          key: apiKey,
          versions: rangeOf(validVersions),
          flexibleFrom: from,
        },
      );
    }
  });

  it("and every fault that is planted in a field is found", () => {
    const unseen: string[] = [];
    let planted = 0;
    for (const table of described) {
      const definition = keep(definitionOf(table.name));
      for (const one of fieldsOf(definition)) {
        const { field } = one;
        const right = { ...field };
        for (const [kind, fault] of Object.entries(FAULTS)) {
          const wrong = fault(one);
          if (wrong === undefined) continue;
          planted++;
          Object.assign(field, wrong);
          if (bodyDifferences(table, definition).length === 0) unseen.push(`${definition.name}.${field.name}: ${kind}`);
          for (const name of Object.keys(wrong)) Reflect.deleteProperty(field, name);
          Object.assign(field, right);
        }
      }
    }
    assert.deepEqual(unseen, []);
    assert.ok(planted > 5_000, `${planted} faults were planted`);
  });

  it("and fields that change places, are left out or added are found", () => {
    for (const one of described) {
      const definition = keep(definitionOf(one.name));
      const [first] = definition.fields;
      if (first === undefined) continue;
      const added = { ...first, name: "Added", versions: "0+" };
      for (const fields of [definition.fields.slice(1), [added, ...definition.fields]])
        assert.notDeepEqual(bodyDifferences(one, { ...definition, fields }), [], one.name);
      if (definition.fields.length > 1)
        assert.notDeepEqual(bodyDifferences(one, { ...definition, fields: definition.fields.toReversed() }), [], one.name);
    }
  });
});
