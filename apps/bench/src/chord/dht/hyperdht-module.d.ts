// The part of hyperdht 6.34 that the benchmark uses: it has no types of its own.
declare module "hyperdht/testnet.js" {
  interface HyperDht {
    immutablePut(value: Uint8Array): Promise<{ readonly hash: Uint8Array }>;
    immutableGet(hash: Uint8Array): Promise<{ readonly value: Uint8Array } | null>;
  }

  function createTestnet(size: number): Promise<{ readonly nodes: readonly HyperDht[] }>;
  export = createTestnet;
}
