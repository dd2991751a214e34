// What a topic may be called.

const NAME_LENGTH_MAX = 249;
const CHARACTERS = /^[a-zA-Z0-9._-]+$/;

/** Topics of the group and the transaction coordinator, as clients know them. */
export const OFFSETS_TOPIC = "__consumer_offsets";
export const TRANSACTIONS_TOPIC = "__transaction_state";
const INTERNAL: readonly string[] = [OFFSETS_TOPIC, TRANSACTIONS_TOPIC, "__share_group_state"];
/** Of a controller, and ours: nobody makes a topic of this name. */
const RESERVED = /^(__cluster_metadata$|__sluice_)/;

export const isInternal = (name: string): boolean => INTERNAL.includes(name);
export const isReserved = (name: string): boolean => RESERVED.test(name);

/** What is wrong with a name; undefined: nothing. */
export const nameFault = (name: string): string | undefined => {
  if (name === "") return "the name is empty";
  if (name === "." || name === "..") return `the name '${name}' is not allowed`;
  if (name.length > NAME_LENGTH_MAX) return `the name has ${name.length} characters, at most ${NAME_LENGTH_MAX} are allowed`;
  return CHARACTERS.test(name) ? undefined : "the name has other characters than letters, digits, '.', '_' and '-'";
};

/** Names that differ only in these would be one in the names of metrics, so Kafka allows only one of them. */
export const collisionKey = (name: string): string => name.replaceAll(".", "_");
