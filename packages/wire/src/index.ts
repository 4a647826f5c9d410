// The wire format of the p2p protocol: frames, messages, ids and compression, with no I/O.
import { compression } from "#compression";
import { sha256 } from "#hash";

export const name = "@p2p/wire" as string;
export { compression, sha256 };
