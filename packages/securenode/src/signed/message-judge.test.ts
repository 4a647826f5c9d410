import {
  type Body,
  decodeBody,
  encodeBody,
  frameBody,
  frameOf,
  type NodeId,
  nodeIdFromBytes,
  nodeIdToBytes,
  type WireValue,
} from "@p2p/wire";
import { describe, expect, test } from "vitest";
import type { Identity } from "../identity/identity.js";
import { join } from "../primitives/join.js";
import { turnedBits } from "../testing/handshakes.js";
import { identityOf, networkIdForTests } from "../testing/worlds.js";
import { envelopeItem } from "./envelope.js";
import { KnownKeys } from "./known-keys.js";
import { defaultFreshnessMs, MessageJudge, type MessageJudgeOptions } from "./message-judge.js";
import { ReplayWindows } from "./replay-windows.js";
import { signFrames } from "./sign-frames.js";

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
  if (!isSigned) return raw;
  const [frame] = signFrames([frameOf(raw)], (root) => signer.sign("envelope", join([networkId, root])));
  return frameBody(frame as Uint8Array);
}

function makeJudge(options: Partial<MessageJudgeOptions> = {}): MessageJudge {
  const usual = { policy: "require", networkId: networkIdForTests, freshnessMs: defaultFreshnessMs } as const;
  return new MessageJudge({ ...usual, windows: new ReplayWindows(), ...options });
}

function judge(options: Partial<MessageJudgeOptions> = {}): (raw: Uint8Array, atMs?: number, to?: NodeId) => string {
  const made = makeJudge(options);
  return (raw, atMs = nowMs, to) => {
    const body = decodeBody(raw);
    const judged = made.judge(body, raw, nodeIdFromBytes(body.sender), to, atMs);
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
      const verdict = makeJudge().judge(body, turned, nodeIdFromBytes(body.sender), undefined, nowMs).verdict;
      expect(verdict).not.toBe("accept");
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
    for (const offMs of [-1_800_001, 1_800_001])
      expect(judge()(message({ timeMs: nowMs + offMs }))).toBe("ignore stale");
    for (const offMs of [-1_799_000, 1_799_000])
      expect(judge()(message({ timeMs: nowMs + offMs }))).toBe("accept true");
    expect(judge({ freshnessMs: 10 })(message(), nowMs + 20)).toBe("ignore stale");
  });

  test("[SEC-081] what is signed for one receiver is not taken by another, nor as a message for all", () => {
    const [mine, theirs] = [identityOf(3).id, identityOf(4).id];
    const raw = message({ envelope: envelopeItem(sender.publicKey, 1, mine) });
    expect(judge()(raw, nowMs, mine)).toBe("accept true");
    expect(judge()(raw, nowMs, theirs)).toBe("reject misdirected");
    expect(judge()(raw)).toBe("reject misdirected");
    expect(judge()(message(), nowMs, mine)).toBe("reject misdirected");
  });

  test("[SEC-072] more senders than there is memory for prepared keys are judged all the same", () => {
    const takes = judge();
    const raws = Array.from({ length: 3 }, (_, number) => {
      const origin = identityOf(10 + number);
      const items = [0, "news", number, envelopeItem(origin.publicKey, 1)];
      const raw = encodeBody({ type: 0, sender: nodeIdToBytes(origin.id), time: nowMs * 1_000, items });
      const [frame] = signFrames([frameOf(raw)], (root) => origin.sign("envelope", join([networkIdForTests, root])));
      return frameBody(frame as Uint8Array);
    });
    expect(raws.map((raw) => takes(raw))).toEqual(["accept true", "accept true", "accept true"]);
    const keys = new KnownKeys(2);
    for (let number = 10; number < 13; number++) {
      const { id, publicKey } = identityOf(number);
      const key = keys.keyOf(id, publicKey);
      expect(key).toBeDefined();
      if (key !== undefined) keys.keep(id, key);
      expect(keys.keyOf(id, publicKey)).toBe(key);
      expect(keys.keyOf(id, other.publicKey)).toBe(undefined);
    }
    expect(keys.size).toBe(2);
  });

  test("[SEC-074] a forged message does not use up the number of a true one", () => {
    const takes = judge();
    expect(takes(message({ sequence: 9, signer: other }))).toBe("reject forged");
    expect(takes(message({ sequence: 9 }))).toBe("accept true");
  });
});
