// Messages under one signature, as a receiver judges them: each by itself, the root once, and alike whatever was seen before.
import {
  decodeBody,
  encodeBody,
  frameBody,
  frameOf,
  type NodeId,
  nodeIdFromBytes,
  nodeIdToBytes,
  type WireValue,
} from "@p2p/wire";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Identity } from "../identity/identity.js";
import { join } from "../primitives/join.js";
import { turnedBits } from "../testing/handshakes.js";
import { identityOf, networkIdForTests } from "../testing/worlds.js";
import { envelopeItem, envelopeOf } from "./envelope.js";
import { defaultFreshnessMs, MessageJudge } from "./message-judge.js";
import type { Proof } from "./proof.js";
import { ReplayWindows } from "./replay-windows.js";
import { signFrames } from "./sign-frames.js";

const verifications = vi.hoisted(() => ({ count: 0 }));

vi.mock("#ed25519", async (original) => {
  const real = await original<typeof import("#ed25519")>();
  const verifyingKey: typeof real.verifyingKey = (publicKey) => {
    const { verify } = real.verifyingKey(publicKey);
    return {
      verify(message, signature) {
        verifications.count++;
        return verify(message, signature);
      },
    };
  };
  return { ...real, verifyingKey };
});

const nowMs = 1_795_000_000_000;
const [sender, other] = [identityOf(1), identityOf(2)];

beforeEach(() => {
  verifications.count = 0;
});

interface Batch {
  readonly count: number;
  readonly first?: number;
  readonly networkId?: Uint8Array;
  /** Whose message each is. */
  readonly author?: (index: number) => Identity;
  readonly to?: NodeId;
}

/** Messages that the sender signed together. */
function batchOf({ count, first = 1, networkId = networkIdForTests, author = () => sender, to }: Batch): Uint8Array[] {
  const frames = Array.from({ length: count }, (_, index) => {
    const { id, publicKey } = author(index);
    const items: WireValue[] = [0, "news", `message ${first + index}`, envelopeItem(publicKey, first + index, to)];
    return frameOf(encodeBody({ type: 0, sender: nodeIdToBytes(id), time: nowMs * 1_000 + index, items }));
  });
  return signFrames(frames, (root) => sender.sign("envelope", join([networkId, root]))).map(frameBody);
}

function makeJudge(): (raw: Uint8Array, to?: NodeId) => string {
  const options = { policy: "require", networkId: networkIdForTests, freshnessMs: defaultFreshnessMs } as const;
  const judge = new MessageJudge({ ...options, windows: new ReplayWindows() });
  return (raw, to) => {
    const body = decodeBody(raw);
    const judged = judge.judge(body, raw, nodeIdFromBytes(body.sender), to, nowMs);
    return judged.verdict === "accept" ? "accept" : judged.why;
  };
}

/** The message with another proof. */
function withProof(raw: Uint8Array, change: (proof: Proof) => Proof): Uint8Array {
  const body = decodeBody(raw);
  const envelope = envelopeOf(body);
  if (typeof envelope === "string") throw new TypeError("no envelope");
  const { sides, hashes, signature } = change(envelope.proof);
  const proof = join([...(hashes.length > 0 ? [Uint8Array.of(sides)] : []), ...hashes, signature]);
  const last = body.items.at(-1) as readonly WireValue[];
  return encodeBody({ ...body, items: [...body.items.slice(0, -1), [...last.slice(0, -1), proof]] });
}

describe("messages under one signature", () => {
  test("[SEC-085] [SEC-087] each is taken once, in any order, and the root is verified once", () => {
    const takes = makeJudge();
    const batch = batchOf({ count: 64 });
    const shuffled = batch.map((_, index) => batch[(index * 37 + 5) % 64] as Uint8Array);
    for (const raw of shuffled) expect(takes(raw)).toBe("accept");
    expect(verifications.count).toBe(1);
    for (const raw of batch) expect(takes(raw)).toBe("replayed");
    expect(verifications.count).toBe(1);
  });

  test("[SEC-085] each is taken by who gets no other", () => {
    for (const count of [2, 3, 7, 64, 200, 256]) {
      const batch = batchOf({ count });
      for (const at of [0, count >> 1, count - 1]) expect(makeJudge()(batch[at] as Uint8Array)).toBe("accept");
    }
  });

  test("[SEC-087] batches that come mixed are verified once each, also when there are more than are remembered", () => {
    const takes = makeJudge();
    const batches = Array.from({ length: 8 }, (_, number) => batchOf({ count: 4, first: 1 + 4 * number }));
    for (let at = 0; at < 4; at++) for (const batch of batches) expect(takes(batch[at] as Uint8Array)).toBe("accept");
    expect(verifications.count).toBe(8);
    const many = Array.from({ length: 20 }, (_, number) => batchOf({ count: 2, first: 101 + 2 * number }));
    for (let at = 0; at < 2; at++) for (const batch of many) expect(takes(batch[at] as Uint8Array)).toBe("accept");
    expect(verifications.count).toBe(8 + 40);
  });

  test("[SEC-087] whether or not the root was seen, no bit can be changed, and the number of a forged message stays free", () => {
    const [first, second] = batchOf({ count: 2 }) as [Uint8Array, Uint8Array];
    const knows = makeJudge();
    expect(knows(first)).toBe("accept");
    let tried = 0;
    for (const turned of turnedBits(second)) {
      try {
        decodeBody(turned);
      } catch {
        continue;
      }
      tried++;
      const verdict = makeJudge()(turned);
      expect(verdict).not.toBe("accept");
      expect(knows(turned)).toBe(verdict);
    }
    expect(tried).toBeGreaterThan(1_000);
    expect(knows(second)).toBe("accept");
  }, 60_000);

  test("[SEC-087] a root vouches for nobody else's message, though its signer put it there", () => {
    const takes = makeJudge();
    const [mine, theirs] = batchOf({ count: 2, author: (index) => (index === 0 ? sender : other) }) as Uint8Array[];
    expect(takes(mine as Uint8Array)).toBe("accept");
    expect(takes(theirs as Uint8Array)).toBe("forged");
    expect(makeJudge()(theirs as Uint8Array)).toBe("forged");
  });

  test("[SEC-071] a root of another network vouches for nothing", () => {
    const takes = makeJudge();
    for (const raw of batchOf({ count: 3, networkId: new Uint8Array(32) })) expect(takes(raw)).toBe("forged");
  });

  test("[SEC-085] [SEC-086] paths that are too long, too short, turned or of other messages are refused", () => {
    const batch = batchOf({ count: 5 });
    const raw = batch[1] as Uint8Array;
    const zeroes = new Uint8Array(32);
    const long = (count: number) => (proof: Proof) => ({
      ...proof,
      hashes: Array.from({ length: count }, () => zeroes),
    });
    const foreign = envelopeOf(decodeBody(batch[2] as Uint8Array));
    if (typeof foreign === "string") throw new TypeError("no envelope");
    const wrongs: [string, (proof: Proof) => Proof][] = [
      ["malformed", long(9)],
      ["malformed", long(500)],
      ["malformed", (proof) => ({ ...proof, sides: proof.sides | 8 })],
      ["malformed", (proof) => ({ ...proof, sides: proof.sides | 128 })],
      ["malformed", (proof) => ({ ...proof, hashes: [...proof.hashes.slice(1), zeroes.subarray(1)] })],
      ["forged", long(8)],
      ["forged", (proof) => ({ ...proof, sides: proof.sides ^ 1 })],
      ["forged", (proof) => ({ ...proof, sides: proof.sides >> 1, hashes: proof.hashes.slice(1) })],
      ["forged", (proof) => ({ ...proof, hashes: [...proof.hashes, zeroes] })],
      ["forged", (proof) => ({ ...proof, sides: 0, hashes: [] })],
      ["forged", () => foreign.proof],
    ];
    const knows = makeJudge();
    expect(knows(batch[0] as Uint8Array)).toBe("accept");
    for (const [verdict, change] of wrongs) {
      const wrong = withProof(raw, change);
      expect(makeJudge()(wrong)).toBe(verdict);
      expect(knows(wrong)).toBe(verdict);
    }
    expect(knows(withProof(raw, (proof) => proof))).toBe("accept");
  });

  test("[SEC-070] a longer header of the proof makes it another message", () => {
    const [raw] = batchOf({ count: 1 }) as [Uint8Array];
    const longer = join([raw.subarray(0, raw.length - 66), Uint8Array.of(0xc5, 0, 64), raw.subarray(raw.length - 64)]);
    expect(decodeBody(longer)).toEqual(decodeBody(raw));
    expect(makeJudge()(longer)).toBe("forged");
    expect(makeJudge()(raw)).toBe("accept");
  });

  test("[SEC-086] forged roots cost a verification each, and push none out", () => {
    const takes = makeJudge();
    const [first, second] = batchOf({ count: 2 }) as [Uint8Array, Uint8Array];
    expect(takes(first)).toBe("accept");
    for (let number = 0; number < 50; number++) {
      const forged = withProof(second, (proof) => ({ ...proof, hashes: [new Uint8Array(32).fill(number)] }));
      expect(takes(forged)).toBe("forged");
    }
    expect(verifications.count).toBe(51);
    expect(takes(second)).toBe("accept");
    expect(verifications.count).toBe(51);
  });

  test("[SEC-081] a message for one receiver may be part of a batch", () => {
    const [raw] = batchOf({ count: 3, to: other.id }) as [Uint8Array, ...Uint8Array[]];
    expect(makeJudge()(raw, other.id)).toBe("accept");
    expect(makeJudge()(raw, sender.id)).toBe("misdirected");
    expect(makeJudge()(raw)).toBe("misdirected");
  });
});
