// What the package asks of its cryptographic primitives; each has a portable and a native file that pass the same vectors [SEC-003].

/** ChaCha20-Poly1305 under one key (RFC 8439): 12-byte nonces, 16-byte tags. */
export interface AeadKey {
  /**
   * Encrypts the parts as one text. @returns parts whose concatenation is ciphertext and tag; the tag, or what ends with
   * it, is the last one
   */
  seal(nonce: Uint8Array, ad: Uint8Array, parts: readonly Uint8Array[]): Uint8Array[];
  /** Decrypts the parts as one text. @returns the parts of the plaintext, or undefined when the tag does not verify */
  open(nonce: Uint8Array, ad: Uint8Array, parts: readonly Uint8Array[]): Uint8Array[] | undefined;
}

/** An X25519 key pair (RFC 7748). */
export interface DhKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The shared secret, 32 bytes, or undefined when the other's key is of low order: it would be all zeroes. */
  agree(other: DhPublicKey): Uint8Array | undefined;
}

/** An X25519 public key, prepared for use. */
export interface DhPublicKey {
  /** 32 bytes. */
  readonly bytes: Uint8Array;
}

/** An Ed25519 key pair (RFC 8032). */
export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The signature, 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** An Ed25519 public key, prepared for use. */
export interface VerifyingKey {
  /** Whether the signature holds, by RFC 8032. False too for a key or a signature of a wrong form. */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

export const tagBytes = 16;
