// AlterUserScramCredentials (51), version 0: a user's credential is set or taken away, at most one a user and request; whatever becomes of
// one user, the others' changes are made, all of them or none. Clients send the salted password; only the keys made of it are kept.

import { copy } from "../core/bytes.ts";
import {
  type AlterUserScramCredentialsRequest,
  type AlterUserScramCredentialsResponse,
  alterUserScramCredentials as api,
} from "../kafka/wire/api/51-alter-user-scram-credentials.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import { needs } from "./acl/asked.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import type { ScramMechanism } from "./sasl/exchange.ts";
import { credentialOf, ITERATIONS_MAX, ITERATIONS_MIN, scramMechanismOf } from "./sasl/scram-keys.ts";
import type { ScramChange, ScramUsers } from "./sasl/scram-users.ts";

type Deletion = AlterUserScramCredentialsRequest["deletions"][number];
type Upsertion = AlterUserScramCredentialsRequest["upsertions"][number];
type Outcome = ScramChange | BrokerError;

const unacceptable = (message: string): BrokerError => new BrokerError("UNACCEPTABLE_CREDENTIAL", message);

/** Throws a BrokerError. */
const mechanismFor = ({ name, mechanism }: Deletion): ScramMechanism => {
  if (name === "") throw unacceptable("Username must not be empty");
  const found = scramMechanismOf(mechanism);
  if (found === undefined) throw new BrokerError("UNSUPPORTED_SASL_MECHANISM", "Unknown SCRAM mechanism");
  return found;
};

const deleted = (deletion: Deletion, users: ScramUsers): ScramChange => {
  const mechanism = mechanismFor(deletion);
  if (users.find(mechanism, deletion.name) === undefined)
    throw new BrokerError("RESOURCE_NOT_FOUND", "Attempt to delete a user credential that does not exist");
  return { user: deletion.name, mechanism, credential: undefined };
};

const upserted = (upsertion: Upsertion): ScramChange => {
  const mechanism = mechanismFor(upsertion);
  const { name: user, iterations, salt, saltedPassword } = upsertion;
  if (iterations < ITERATIONS_MIN) throw unacceptable("Too few iterations");
  if (iterations > ITERATIONS_MAX) throw unacceptable("Too many iterations");
  if (saltedPassword.length === 0) throw unacceptable("Salted password must not be empty");
  return { user, mechanism, credential: credentialOf(mechanism, saltedPassword, { salt: copy(salt), iterations }) };
};

const outcomeOf = (decide: () => ScramChange): Outcome => {
  try {
    return decide();
  } catch (reason) {
    if (reason instanceof BrokerError) return reason;
    throw reason;
  }
};

const twice = (): BrokerError => new BrokerError("DUPLICATE_RESOURCE", "A user credential cannot be altered twice in the same request");

const usersIn = ({ deletions, upsertions }: AlterUserScramCredentialsRequest): readonly string[] =>
  [...deletions, ...upsertions].map(({ name }) => name);

/** By user: the first mistake that was made with one counts. */
const outcomes = (request: AlterUserScramCredentialsRequest, users: ScramUsers): Map<string, Outcome> => {
  const found = new Map<string, Outcome>();
  const decided = (user: string, decide: () => ScramChange): void => {
    const before = found.get(user);
    if (!(before instanceof BrokerError)) found.set(user, before === undefined ? outcomeOf(decide) : twice());
  };
  for (const deletion of request.deletions) decided(deletion.name, () => deleted(deletion, users));
  for (const upsertion of request.upsertions) decided(upsertion.name, () => upserted(upsertion));
  return found;
};

const result = (user: string, outcome: Outcome): AlterUserScramCredentialsResponse["results"][number] =>
  outcome instanceof BrokerError
    ? { user, errorCode: outcome.code, errorMessage: outcome.message }
    : { user, errorCode: ErrorCode.NONE, errorMessage: null };

export const alterUserScramCredentials: BrokerApi<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse> = {
  api,
  versions: { min: 0, max: 0 },
  async handle(request, { client, broker }) {
    if (!broker.access.allows(client, "alter", CLUSTER)) throw needs("alter");
    const { scram } = broker.security;
    let decided = new Map<string, Outcome>();
    await scram.change(() => {
      decided = outcomes(request, scram);
      return [...decided.values()].flatMap((one) => (one instanceof BrokerError ? [] : [one]));
    });
    return { throttleTimeMs: 0, results: [...decided].map(([user, outcome]) => result(user, outcome)) };
  },
  refuse: (request, { code, message }) => ({
    throttleTimeMs: 0,
    results: [...new Set(usersIn(request))].map((user) => ({ user, errorCode: code, errorMessage: message })),
  }),
};
