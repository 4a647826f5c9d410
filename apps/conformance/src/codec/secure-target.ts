// What the suite asks of an implementation of identities and signed messages: functions over bytes (spec/securenode.md).

import type { OwnedStatement } from "../reference/secure/owned-statement.js";

export interface IdentityForms {
  readonly publicKey: Uint8Array;
  /** 48 bytes. */
  readonly id: Uint8Array;
  readonly publicPem: string;
  readonly secretPem: string;
  /** JSON text. */
  readonly publicJwk: string;
  readonly secretJwk: string;
  readonly publicText: string;
  readonly secretText: string;
}

export type KeyForm = "pem" | "jwk" | "text";

export interface Rotation {
  readonly old: Uint8Array;
  readonly next: Uint8Array;
  readonly timeMs: number;
}

export interface MessageParts {
  readonly seed: Uint8Array;
  readonly networkId: Uint8Array;
  /** Each the data of a broadcast of type `news`. */
  readonly texts: readonly string[];
  /** µs. */
  readonly time: number;
}

/** Refusals are thrown as `Refusal`; a key file is refused with the code `wrong-password` or `damaged-key-file`. */
export interface SecureTarget {
  /** All forms of the identity of a 32-byte seed. */
  identity(seed: Uint8Array): Promise<IdentityForms>;
  /** The 32 bytes of a key: the public key, or the seed of a secret one. */
  readKey(form: KeyForm, isSecret: boolean, text: string): Promise<Uint8Array>;
  /** A key file; its scrypt may be cheap. */
  makeKeyFile(seed: Uint8Array, password: string): Promise<Uint8Array>;
  /** The seed. */
  openKeyFile(bytes: Uint8Array, password: string): Promise<Uint8Array>;
  makeRotation(old: Uint8Array, next: Uint8Array, timeMs: number): Promise<Uint8Array>;
  readRotation(bytes: Uint8Array): Promise<Rotation>;
  /** The bodies of broadcasts, signed by one signature if the implementation does that. */
  signMessages(parts: MessageParts): Promise<readonly Uint8Array[]>;
  /** Whether the body would be taken at its own time, by a node that requires signatures and has heard nothing. */
  takes(networkId: Uint8Array, body: Uint8Array): Promise<boolean>;
  /** The 48 bytes of the id that owns a key; undefined: nobody does. */
  ownerOf(key: string): Promise<Uint8Array | undefined>;
  /** The proof of a write of an owned key by the identity of a seed, whose key it need not be. */
  proveOwned(seed: Uint8Array, statement: OwnedStatement): Promise<Uint8Array>;
  /** Whether a write of a key is taken for one of its owner. */
  isProven(statement: OwnedStatement, proof: Uint8Array): Promise<boolean>;
  /** Whether a signature for the purpose `application` holds. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}
