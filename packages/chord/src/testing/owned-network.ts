// The network of owned keys in tests.

/** 32 bytes. */
export const networkId: Uint8Array = new Uint8Array(32).fill(9);
