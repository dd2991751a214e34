// Follows the examples' READMEs and compares: `npx node examples/check.ts [NAME…]`.
import { missing } from "../test/kit/needs.ts";
import { sharedKafka } from "../test/kit/shared-kafka.ts";
import { followExample, nameOf } from "./example.ts";
import { EXAMPLES } from "./examples.ts";

const names = process.argv.slice(2);
const wanted = EXAMPLES.filter((example) => names.length === 0 || names.includes(nameOf(example)));
const withKafka = missing("kafka") === undefined;
const kafka = withKafka && wanted.some(({ topics }) => topics) ? await sharedKafka() : undefined;
try {
  for (const example of wanted) {
    if (example.topics && !kafka) console.log(`- ${nameOf(example)} (needs kafka: ${missing("kafka")})`);
    else {
      await followExample(example, kafka?.bootstrap ?? "");
      console.log(`✔ ${nameOf(example)}`);
    }
  }
} finally {
  await kafka?.stop();
}
