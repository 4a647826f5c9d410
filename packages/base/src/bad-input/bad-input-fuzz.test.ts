// Any order of good, broken and random messages: the node closes or goes on, and never fails [BASE-076].
import type { WireValue } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { badBodies } from "../testing/bad-fields.js";
import { badFrames } from "../testing/bad-frames-node.js";
import { frameOf, type RawPeer } from "../testing/raw-peer.js";
import { Victim } from "../testing/victim.js";

const sender = new Uint8Array(48).fill(0xee);
const bodies = badBodies(sender);
const frames = badFrames().filter((frame) => frame.bytes.length < 10_000);

const value: fc.Arbitrary<WireValue> = fc.letrec<{ value: WireValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<WireValue>(null, true, 0, 1, -1, 2 ** 53 - 1, 1.5, 2n ** 64n - 1n, "", "echo", "__proto__"),
    fc.string({ maxLength: 20 }),
    fc.uint8Array({ maxLength: 60 }),
    fc.constant(sender),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 8 }), tie("value"), { maxKeys: 3 }),
  ),
})).value;

const subtype = fc.constantFrom(2, 5, 7, 8, 10, 0x30, 0x31, 0x32, 0x33, 0x37, 0x60);

/** What a peer does next. */
const action: fc.Arbitrary<(peer: RawPeer) => void> = fc
  .oneof(
    { weight: 4, arbitrary: fc.tuple(subtype, fc.array(value, { maxLength: 7 })) },
    { weight: 1, arbitrary: fc.constantFrom(...bodies) },
    { weight: 1, arbitrary: fc.constantFrom(...frames) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 100 }) },
    { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 0, max: 6 }), fc.array(value, { maxLength: 4 })) },
  )
  .map((choice) => (peer: RawPeer) => {
    if (choice instanceof Uint8Array) peer.sendBytes(frameOf(choice));
    else if (!Array.isArray(choice)) "bytes" in choice ? peer.sendBytes(choice.bytes) : peer.sendValue(choice.value);
    else if (choice[0] < 2) peer.sendBody(choice[0], ...choice[1]);
    else peer.whisper(choice[0], ...choice[1]);
  });

test("[BASE-076] whatever one peer says, others are served and nothing is thrown", async () => {
  await using victim = await Victim.open("memory");
  victim.node.handle("*", (message) => message.data);
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(action, { maxLength: 12 }), async (isPolite, actions) => {
      const peer = isPolite ? await victim.join() : await victim.dial();
      for (const act of actions) act(peer);
      await victim.clock?.settle();
      // Either it was closed, or it is a good peer still, as far as a pong tells; a close may be on its way.
      if (isPolite && !peer.isClosed && peer.closedWith === undefined)
        expect(await victim.run(peer.ping())).toBeTypeOf("boolean");
      peer.destroy();
      await victim.clock?.settle();
      expect(victim.node.connections).toEqual([]);
      expect(victim.errors).toEqual([]);
      if (runs++ % 20 === 0) expect(await victim.serves()).toBe(true);
    }),
    { numRuns: 100 },
  );
  expect(await victim.serves()).toBe(true);
  expect(victim.node.budget.usedBytes).toBe(0);
});
