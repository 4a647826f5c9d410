// An unorganised broadcast network: what one node broadcasts, every node gets, once.
export const name = "@p2p/mesh";
