// Which of two connections with the same node stays; both sides come to the same answer [BASE-060] to [BASE-064].

/** What both ends of a connection know about it. */
export interface Contender {
  /** Who dialled it: this node, or the peer. */
  readonly isDialledByUs: boolean;
  /** The peer's boot bytes as text: drawn anew at each of its starts. */
  readonly boot: string;
  /** Time in the dialler's handshake, µs by the dialler's clock. */
  readonly diallerTime: number;
}

/**
 * Whether `incoming`, whose handshake just came, replaces `existing`.
 * @param ownId and `peerId`: 48 bytes each
 */
export function isReplacedBy(existing: Contender, incoming: Contender, ownId: Uint8Array, peerId: Uint8Array): boolean {
  // The peer has started anew and knows nothing of the existing one [BASE-061].
  if (existing.boot !== incoming.boot) return true;
  if (existing.isDialledByUs !== incoming.isDialledByUs) {
    // The larger id's dial stays [BASE-062].
    return incoming.isDialledByUs === compareBytes(ownId, peerId) > 0;
  }
  // One dialler dialled twice: the later dial stays, as it knew of the earlier one's trouble [BASE-063].
  return incoming.diallerTime > existing.diallerTime;
}

/** Orders byte strings of equal length as big-endian numbers; 0 only for equal ones. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let index = 0; index < a.length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
