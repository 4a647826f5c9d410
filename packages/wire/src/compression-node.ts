// Stub of the native compression, chosen by the "node" condition of #compression.
export const compression = "zlib" as string;
