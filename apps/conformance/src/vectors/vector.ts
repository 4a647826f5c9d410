// Vector files and their records, as spec/vectors/schema.json describes them.
import type { CodecLimits } from "../codec/codec-target.js";
import type { BytesNotation } from "./notation.js";

export type Operation =
  | "value"
  | "body"
  | "frame"
  | "stream"
  | "message-id"
  | "base58"
  | "node-id"
  | "network-id"
  | "positions";
export type LegacyOperation = "frame07" | "network-id07" | "node-id07";

export interface VectorFile {
  readonly title: string;
  readonly profile: "1.0" | "0.7";
  readonly provenance: string;
  readonly operation: Operation | LegacyOperation;
  readonly vectors: readonly Vector[];
}

/** Which members are there depends on the operation. */
export interface Vector {
  readonly id: string;
  readonly requirements: readonly string[];
  readonly comment?: string;
  readonly error?: string;
  readonly canonical?: boolean;
  readonly limits?: Partial<CodecLimits>;
  readonly bytes?: BytesNotation;
  readonly value?: unknown;
  readonly body?: {
    readonly type: number;
    readonly sender: string;
    readonly time: number;
    readonly items: readonly unknown[];
  };
  readonly codec?: number;
  readonly payload?: BytesNotation;
  readonly frames?: readonly { readonly codec: number; readonly payload: BytesNotation }[];
  readonly rest?: number;
  readonly id_hex?: string;
  readonly text?: string;
  readonly key?: string;
  readonly positions_hex?: readonly string[];
  readonly byteLength?: number;
  readonly address?: string;
  readonly networkId?: string;
  readonly salt?: string;
  readonly name?: string;
  readonly security?: string;
  readonly dialect?: "bin" | "str" | "mixed";
  readonly compression?: string;
  readonly message?: {
    readonly type: number;
    readonly sender: unknown;
    readonly time: unknown;
    readonly payload: readonly unknown[];
  };
}
