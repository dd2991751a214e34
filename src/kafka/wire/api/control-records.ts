// The records of a control batch: the key says what kind it is, and the marker of a transaction's end has the coordinator's epoch as
// its value.
import { int16, int32, struct, type ValueOf } from "../type.ts";
import type { Versioned } from "./versioned.ts";

const controlType = struct("ControlRecordTypeSchema", { type: int16 });
const marker = struct("EndTxnMarker", { coordinatorEpoch: int32 });

export type ControlRecordType = ValueOf<typeof controlType>;
export type EndTxnMarker = ValueOf<typeof marker>;

/** The `type` of a marker's key. */
export const ABORT_MARKER = 0;
export const COMMIT_MARKER = 1;

export const controlRecordType: Versioned<ControlRecordType> = { name: controlType.name, versions: { min: 0, max: 0 }, type: controlType };
export const endTxnMarker: Versioned<EndTxnMarker> = { name: marker.name, versions: { min: 0, max: 0 }, type: marker };
