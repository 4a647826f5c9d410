// The sealed messages and data of @p2p/securenode as a target.
import type { Random } from "@p2p/base";
import { Identity, nodeIdOfKey, SecureError } from "@p2p/securenode";
import { type OwnerOptions, SealedData, seal, unseal } from "@p2p/securenode/sealed";
import { type NodeId, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { Refusal } from "../reference/refusal.js";
import type { DataChange, DataPlace, Draws, SealedTarget } from "./sealed-target.js";

/** A typed error of the package is a refusal; anything else is a crash. */
function refusing<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof SecureError) throw new Refusal(error.code, error.message, { cause: error });
    throw error;
  }
}

function drawing(draws: Draws): Random {
  let next = 0;
  const bytes = (length: number): Uint8Array => {
    const drawn = draws[next++];
    if (drawn?.length !== length) throw new TypeError("more was drawn than was given");
    return drawn.slice();
  };
  return { bytes, float: () => 0 };
}

const idBytes = (id: NodeId): Uint8Array => nodeIdToBytes(id);

/** The versions from the known one on, of the owner if one is asked for. */
function parsed({ bytes, context, known }: DataPlace, owner?: NodeId): SealedData {
  return SealedData.parse(bytes, { context, atLeast: Math.max(known, 1), ...(owner === undefined ? {} : { owner }) });
}

function changed(data: SealedData, change: DataChange, options: OwnerOptions): SealedData {
  if (change.change === "update") return data.update(change.data as WireValue, options);
  return change.change === "grant" ? data.grant(change.reader, options) : data.revoke(change.reader, options);
}

export const securenodeSealedTarget: SealedTarget = {
  seal: async ({ data, readers, seed, context, isHidden, draws }) => {
    const from = seed === undefined ? {} : { from: Identity.fromSeed(seed) };
    const options = { to: readers, context, hideReaders: isHidden, random: drawing(draws), ...from };
    return refusing(() => seal(data as WireValue, options));
  },
  unseal: async (seed, bytes, context) => {
    const { data, from, readers } = refusing(() => unseal(bytes, { identity: Identity.fromSeed(seed), context }));
    return { data, from: from && idBytes(from), readers: readers?.map(idBytes) };
  },
  sealData: async ({ data, seed, readers, context, draws }) => {
    const options = { owner: Identity.fromSeed(seed), readers, context, random: drawing(draws) };
    return refusing(() => SealedData.seal(data as WireValue, options)).bytes;
  },
  openData: async (place, seed) => {
    const read = refusing(() => parsed(place));
    const { version, owner, readers } = read;
    const data = seed && refusing(() => read.open(Identity.fromSeed(seed)));
    return { version, owner: idBytes(owner), readers: readers.map(idBytes), data };
  },
  changeData: async (place, seed, change, draws) => {
    const owner = Identity.fromSeed(seed);
    const options = { owner, random: drawing(draws) };
    return refusing(() => changed(parsed(place, nodeIdOfKey(owner.publicKey)), change, options)).bytes;
  },
};
