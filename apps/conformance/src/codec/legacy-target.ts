// What the suite asks of a codec of profile 0.7. Values are in the notation of the vectors, which tells 1.0 from 1.

export interface LegacyMessage {
  readonly type: number;
  /** Text, or `{"bin": hex}`. */
  readonly sender: unknown;
  /** Seconds. */
  readonly time: unknown;
  readonly payload: readonly unknown[];
}

export interface LegacyDecoded {
  readonly message: LegacyMessage;
  /** The checksum, which is the message id. */
  readonly id: Uint8Array;
}

/** A stream, cut into bodies as far as it is good. */
export interface StreamCut {
  readonly bodies: readonly Uint8Array[];
  readonly error?: string;
}

/** Functions that refuse their input throw `Refusal`. */
export interface LegacyTarget {
  /** A whole uncompressed frame. */
  encode(message: LegacyMessage): Promise<Uint8Array>;
  /** The body of a frame, compressed or not. Floats come as plain numbers. */
  decode(body: Uint8Array): Promise<LegacyDecoded>;
  /** The uncompressed frame in which a relay passes the message of this body on. */
  relay(body: Uint8Array): Promise<Uint8Array>;
  /** Bodies of the frames in a stream. */
  cut(chunks: readonly Uint8Array[], maxFrameBytes?: number): Promise<StreamCut>;
  networkId(name: string, security: string): Promise<string>;
  /** `address` is the text that the original derives the id from. */
  nodeId(address: string, networkId: string, salt: string): Promise<string>;
  /** Whether two ids, in notation, name the same node. */
  isSameId(a: unknown, b: unknown): Promise<boolean>;
  /** The numbers of the compression methods by name. */
  methods(): Promise<{ readonly [name: string]: number }>;
}
