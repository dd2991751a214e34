// CreateAcls (30), versions 1 to 3: each rule that is one is kept, whatever becomes of the others.
import { createAcls as api, type CreateAclsRequest, type CreateAclsResponse } from "../kafka/wire/api/30-create-acls.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { Acl } from "./acl/acl.ts";
import { aclsFor } from "./acl/asked.ts";
import { aclOf } from "./acl/wire.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";

type Creation = CreateAclsRequest["creations"][number];

const read = (creation: Creation): Acl | BrokerError => {
  try {
    return aclOf(creation);
  } catch (reason) {
    if (reason instanceof BrokerError) return reason;
    throw reason;
  }
};

export const createAcls: BrokerApi<CreateAclsRequest, CreateAclsResponse> = {
  api,
  versions: { min: 1, max: 3 },
  async handle({ creations }, context) {
    const acls = aclsFor(context, "alter");
    const asked = creations.map(read);
    await acls.create(asked.flatMap((one) => (one instanceof BrokerError ? [] : [one])));
    const results = asked.map((one) =>
      one instanceof BrokerError ? { errorCode: one.code, errorMessage: one.message } : { errorCode: ErrorCode.NONE, errorMessage: "" },
    );
    return { throttleTimeMs: 0, results };
  },
  refuse: ({ creations }, { code, message }) => ({
    throttleTimeMs: 0,
    results: creations.map(() => ({ errorCode: code, errorMessage: message })),
  }),
};
