// The numbers by which 0.7 nodes name compression methods in handshakes. [WIRE-105]

/** This package reads and writes zlib and gzip; offer these two, or none. */
export const compressions07 = { bz2: 16, gzip: 17, lzma: 18, zlib: 19, snappy: 32 } as const;
