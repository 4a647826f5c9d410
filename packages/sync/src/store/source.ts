// What a store asks of its table.
import type { NodeId, WireValue } from "@p2p/wire";
import type { SyncError } from "../errors.js";

export interface StoreSource {
  /** The record of a key as it is to be stored; undefined: none. */
  record(key: string): WireValue | undefined;
  /** Up to when everything that an origin wrote was seen, in µs; undefined: unknown. */
  seen(origin: NodeId): number | undefined;
  /** Called when the database failed. */
  failed(error: SyncError): void;
}
