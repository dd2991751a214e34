// Changes the settings of several resources: each by itself, refused or done, none twice.

import { ErrorCode } from "../../kafka/wire/errors.ts";
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";
import type { Values } from "./broker-settings.ts";
import type { ConfigResource } from "./resource.ts";
import { type NamedResource, resourceOf } from "./resources.ts";

export interface AlterAnswer extends NamedResource {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What a request wants of one resource: the values afterwards. */
type Wanted<Of> = (asked: Of, resource: ConfigResource) => Values;

export interface Altering<Of> {
  readonly resources: readonly Of[];
  readonly validateOnly: boolean;
  readonly wanted: Wanted<Of>;
}

const keyOf = ({ resourceType, resourceName }: NamedResource): string => `${resourceType}/${resourceName}`;

export const alterAll = async <Of extends NamedResource>(
  altering: Altering<Of>,
  context: RequestContext,
): Promise<readonly AlterAnswer[]> => {
  const keys = altering.resources.map(keyOf);
  const answers: AlterAnswer[] = [];
  for (const asked of altering.resources) {
    const { resourceType, resourceName } = asked;
    const named = { resourceType, resourceName };
    const isTwice = keys.filter((key) => key === keyOf(asked)).length > 1;
    try {
      if (isTwice) throw new BrokerError("INVALID_REQUEST", "a resource is there twice");
      await alterOne(asked, altering, context);
      answers.push({ ...named, errorCode: ErrorCode.NONE, errorMessage: null });
    } catch (reason) {
      if (!(reason instanceof BrokerError)) throw reason;
      answers.push({ ...named, errorCode: reason.code, errorMessage: reason.message });
    }
  }
  return answers;
};

const alterOne = async <Of extends NamedResource>(
  asked: Of,
  { validateOnly, wanted }: Altering<Of>,
  context: RequestContext,
): Promise<void> => {
  const resource = resourceOf(asked, "alterConfigs", context);
  const values = resource.check(wanted(asked, resource));
  if (!validateOnly) await resource.apply(values);
};

export const refuseAll = (resources: readonly NamedResource[], { code, message }: Refusal): readonly AlterAnswer[] =>
  resources.map(({ resourceType, resourceName }) => ({ resourceType, resourceName, errorCode: code, errorMessage: message }));

interface Refusal {
  readonly code: number;
  readonly message: string;
}
