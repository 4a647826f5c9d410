import { type Body, decodeBody, encodeBody, nodeIdToBytes, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Identity } from "../identity/identity.js";
import { turnedBits } from "../testing/handshakes.js";
import { identityOf, networkIdForTests } from "../testing/worlds.js";
import { envelopeItem, signBody } from "./envelope.js";
import { MessageJudge, type MessageJudgeOptions } from "./message-judge.js";
import { ReplayWindows, windowSize } from "./replay-windows.js";

const nowMs = 1_795_000_000_000;
const [sender, other] = [identityOf(1), identityOf(2)];

interface Change {
  readonly sequence?: number;
  readonly timeMs?: number;
  readonly networkId?: Uint8Array;
  readonly signer?: Identity;
  readonly items?: readonly WireValue[];
  readonly envelope?: WireValue;
  readonly isSigned?: boolean;
}

/** A broadcast as its origin sends it, or as somebody else would like it to be. */
function message({
  sequence = 1,
  timeMs = nowMs,
  networkId = networkIdForTests,
  signer = sender,
  items = [0, "news", "hello"],
  envelope,
  isSigned = true,
}: Change = {}): Uint8Array {
  const all = [...items, envelope ?? envelopeItem(sender.publicKey, sequence)];
  const raw = encodeBody({ type: 0, sender: nodeIdToBytes(sender.id), time: timeMs * 1_000 + sequence, items: all });
  // What is no envelope has no place for a signature.
  if (isSigned) signBody(signer, networkId, raw);
  return raw;
}

function judge(options: Partial<MessageJudgeOptions> = {}): (raw: Uint8Array, atMs?: number) => string {
  const made = new MessageJudge({ policy: "require", networkId: networkIdForTests, ...options });
  return (raw, atMs = nowMs) => {
    const judged = made.judge(decodeBody(raw), raw, atMs);
    return judged.verdict === "accept" ? `accept ${judged.isSigned}` : `${judged.verdict} ${judged.why}`;
  };
}

describe("signed messages", () => {
  test("[SEC-070] [SEC-071] what its sender signed is taken, once", () => {
    const takes = judge();
    expect(takes(message())).toBe("accept true");
    expect(takes(message())).toBe("ignore replayed");
    expect(takes(message({ sequence: 2 }))).toBe("accept true");
  });

  test("[SEC-072] no bit of a message can be changed", () => {
    const raw = message();
    let tried = 0;
    for (const turned of turnedBits(raw)) {
      let body: Body;
      try {
        body = decodeBody(turned);
      } catch {
        // No message at all.
        continue;
      }
      tried++;
      const made = new MessageJudge({ policy: "require", networkId: networkIdForTests });
      expect(made.judge(body, turned, nowMs).verdict).not.toBe("accept");
    }
    expect(tried).toBeGreaterThan(1_000);
  }, 60_000);

  test("[SEC-072] a forged sender, another's key and another network are refused", () => {
    expect(judge()(message({ signer: other }))).toBe("reject forged");
    expect(judge()(message({ envelope: envelopeItem(other.publicKey, 1), signer: other }))).toBe("reject malformed");
    expect(judge()(message({ networkId: new Uint8Array(32) }))).toBe("reject forged");
  });

  test("[SEC-073] what is no envelope is refused where one is required, and taken where none is", () => {
    const raw = encodeBody({
      type: 0,
      sender: nodeIdToBytes(sender.id),
      time: nowMs * 1_000,
      items: [0, "news", "hello"],
    });
    expect(judge()(raw)).toBe("reject unsigned");
    expect(judge({ policy: "sign-only" })(raw)).toBe("accept false");
    expect(judge({ policy: "sign-only" })(message({ signer: other }))).toBe("reject forged");
    for (const envelope of [
      ["p2p/env"],
      ["p2p/env", sender.publicKey, -1, new Uint8Array(64)],
      ["p2p/env", sender.publicKey.subarray(1), 1, new Uint8Array(64)],
      ["p2p/env", sender.publicKey, 1, 2, new Uint8Array(64)],
    ] as WireValue[]) {
      expect(judge()(message({ envelope, isSigned: false }))).toBe("reject malformed");
    }
  });

  test("[SEC-075] what is too old, or from too far ahead, is left aside", () => {
    for (const offMs of [-600_001, 600_001]) expect(judge()(message({ timeMs: nowMs + offMs }))).toBe("ignore stale");
    for (const offMs of [-599_000, 599_000]) expect(judge()(message({ timeMs: nowMs + offMs }))).toBe("accept true");
    expect(judge({ freshnessMs: 10 })(message(), nowMs + 20)).toBe("ignore stale");
  });

  test("[SEC-074] a forged message does not use up the number of a true one", () => {
    const takes = judge();
    expect(takes(message({ sequence: 9, signer: other }))).toBe("reject forged");
    expect(takes(message({ sequence: 9 }))).toBe("accept true");
  });
});

describe("[SEC-076] replay windows", () => {
  test("take each number once, whatever the order, within the window", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 * windowSize }), { maxLength: 400 }), (numbers) => {
        const windows = new ReplayWindows();
        const heard = new Set<number>();
        let highest = 0;
        for (const number of numbers) {
          const isExpected = !heard.has(number) && number > highest - windowSize;
          expect(windows.isNew(sender.id, number, 1)).toBe(isExpected || heard.size === 0);
          if (!windows.isNew(sender.id, number, 1)) continue;
          windows.accept(sender.id, number, 1);
          heard.add(number);
          highest = Math.max(highest, number);
        }
      }),
    );
  });

  test("[SEC-078] survive a restart: nothing that was heard is heard again", () => {
    const windows = new ReplayWindows();
    for (const sequence of [5, 7, 2_000]) windows.accept(sender.id, sequence, 10);
    const again = ReplayWindows.decode(windows.encode());
    for (const sequence of [5, 7, 1_999, 2_000]) expect(again.isNew(sender.id, sequence, 11)).toBe(false);
    expect(again.isNew(sender.id, 2_001, 11)).toBe(true);
    expect(again.isNew(other.id, 1, 1)).toBe(true);
    for (const bytes of [new Uint8Array(0), Uint8Array.of(0x80), windows.encode().subarray(1)]) {
      expect(() => ReplayWindows.decode(bytes)).toThrow("not a snapshot");
    }
  });

  test("[SEC-077] are bounded: who is forgotten must say something newer to be heard again", () => {
    const windows = new ReplayWindows({ maxSenders: 2 });
    windows.accept(identityOf(1).id, 1, 100);
    windows.accept(identityOf(2).id, 1, 200);
    windows.accept(identityOf(3).id, 1, 300);
    expect(windows.senders).toBe(2);
    expect(windows.isNew(identityOf(1).id, 1, 100)).toBe(false);
    expect(windows.isNew(identityOf(1).id, 2, 101)).toBe(true);
    const again = ReplayWindows.decode(windows.encode(), { maxSenders: 2 });
    expect(again.isNew(identityOf(1).id, 1, 100)).toBe(false);
    expect(() => new ReplayWindows({ maxSenders: 0 })).toThrow(RangeError);
  });
});
