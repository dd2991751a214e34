// The server's end of our HTTP/2, judged by h2spec. The suite is built in a quarter of a minute and run in a few seconds, so all of it is
// run here; the long run looks at the implementation on node:http2 too.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runH2spec } from "../kit/h2spec.ts";
import { listenHttp2 } from "../kit/http2-layers.ts";
import { needs } from "../kit/needs.ts";
import { plainService } from "../kit/plain-service.ts";
import { H2SPEC_CASES } from "../long/expected.ts";

test("every case of h2spec passes, none is left out", needs("go"), async () => {
  const { port, close } = await listenHttp2("sluice", plainService);
  try {
    const { passed, failed, skipped, said } = await runH2spec(port);
    assert.deepEqual([failed, skipped], [[], []], said);
    assert.equal(passed.length, H2SPEC_CASES);
  } finally {
    await close();
  }
});
