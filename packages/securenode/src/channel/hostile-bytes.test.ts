// Whatever comes, in whatever pieces, is refused with a code, and nothing of it is believed.
import { BaseError } from "@p2p/base";
import { ChannelRecorder, seededRandom } from "@p2p/base/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SecureError } from "../errors.js";
import { decodeRotation } from "../identity/rotation.js";
import { channelPair, contextOf, layerOf } from "../testing/worlds.js";
import { decodePayload } from "./payload.js";

const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 });

test("[SEC-034] [SEC-035] no bytes of a stranger make a channel, or anything but an error with a code", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("dialer", "acceptor"), pieces, fc.boolean(), async (role, chunks, hasLengths) => {
      const { dialled, accepted } = await channelPair();
      const secured = layerOf(1).secure(role === "dialer" ? dialled : accepted, role, contextOf(seededRandom(1)));
      const stranger = new ChannelRecorder(role === "dialer" ? accepted : dialled, { holdsOpen: true });
      for (const chunk of chunks) {
        stranger.channel.write(hasLengths ? [Uint8Array.of(chunk.length >> 8, chunk.length & 255), chunk] : [chunk]);
      }
      stranger.channel.end();
      const error = await secured.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error instanceof SecureError || error instanceof BaseError).toBe(true);
      await stranger.closed();
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("[SEC-007] [SEC-022] no bytes make a decoder fail in another way than by its answer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
      const payload = decodePayload(bytes);
      expect(payload === undefined || payload.kind === "identity" || payload.kind === "refusal").toBe(true);
      expect(() => decodeRotation(bytes)).toThrow(SecureError);
    }),
  );
});
