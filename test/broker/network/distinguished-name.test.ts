// Subjects as Java writes them: what is wanted here, Java has written. Openssl writes RFC 2253 too, and judges plain names.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { subjectOf } from "../../../src/broker/network/distinguished-name.ts";
import { openssl, temporaryFolder } from "../../kit/certificates.ts";
import { needs } from "../../kit/needs.ts";

const folder = temporaryFolder();

const certificateOf = (subject: string): Uint8Array => {
  const key = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"];
  openssl(folder, ...key, "-utf8", "-multivalue-rdn", "-subj", subject, "-keyout", "x.key", "-out", "x.crt");
  return new X509Certificate(readFileSync(join(folder, "x.crt"))).raw;
};

describe("the subject of a certificate", needs("openssl"), () => {
  const written: Record<string, string> = {
    "/CN=alice": "CN=alice",
    "/C=DE/O=Sales, Ltd/OU=a\\+b/CN=alice": "CN=alice,OU=a\\+b,O=Sales\\, Ltd,C=DE",
    '/DC=org/DC=example/UID=7/CN=a"b;c<d>': 'CN=a\\"b\\;c\\<d\\>,UID=7,DC=example,DC=org',
    "/ST=Bavaria/L=München/street=1 Way/CN=#x": "CN=\\#x,STREET=1 Way,L=München,ST=Bavaria",
    "/O=o/CN=two+OU=at once": "CN=two+OU=at once,O=o",
    "/CN= x=y  #z  ": "CN=\\ x\\=y  \\#z\\ \\ ",
    "/CN=alice/emailAddress=a@b.c": "1.2.840.113549.1.9.1=#16056140622e63,CN=alice",
    "/CN=alice/serialNumber=5": "2.5.4.5=#130135,CN=alice",
  };
  for (const [subject, wanted] of Object.entries(written)) {
    test(subject, () => {
      const certificate = certificateOf(subject);
      assert.equal(subjectOf(certificate), wanted);
    });
  }

  test("what openssl writes of plain names is the same", () => {
    const certificate = certificateOf("/C=DE/O=Sales, Ltd/OU=x y/CN=alice");
    const args = ["x509", "-in", "x.crt", "-noout", "-subject", "-nameopt", "RFC2253"];
    const told = execFileSync("openssl", args, { cwd: folder }).toString().trim();
    assert.equal(`subject=${subjectOf(certificate)}`, told);
  });

  test("bytes cut anywhere are refused, and never read beyond", () => {
    const certificate = certificateOf("/CN=alice");
    for (let bytes = 0; bytes < certificate.length; bytes++) assert.throws(() => subjectOf(certificate.subarray(0, bytes)));
  });
});
