// Keys that belong to an identity for good: `@` and the id of the owner, `/`, and a name [SEC-090].
import { type NodeId, parseNodeId } from "@p2p/wire";

/** Lengths of the text of an id. Shorter ones, which no hash gives, are left to keys such as `@bob/x`. */
const idLengths = { least: 56, most: 66 } as const;

/**
 * The key of a table or a dictionary that this node alone can write, where ids are proven.
 * @param name at least one character
 * @throws RangeError for an empty name, and for an id that no key makes
 */
export function ownedKey(owner: NodeId, name: string): string {
  if (!isOwnerLength(owner.length)) throw new RangeError(`an owner's id has from ${idLengths.least} characters`);
  if (name === "") throw new RangeError("the name of an owned key has at least one character");
  return `@${owner}/${name}`;
}

/** Whose key it is; undefined for all keys but those that {@link ownedKey} makes. */
export function ownerOf(key: string): NodeId | undefined {
  if (!key.startsWith("@")) return undefined;
  const end = key.indexOf("/");
  if (!isOwnerLength(end - 1) || end === key.length - 1) return undefined;
  try {
    return parseNodeId(key.slice(1, end));
  } catch {
    return undefined;
  }
}

function isOwnerLength(length: number): boolean {
  return length >= idLengths.least && length <= idLengths.most;
}
