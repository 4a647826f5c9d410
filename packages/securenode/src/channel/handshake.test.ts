// The handshake of a channel, and what an attacker can do to it.
import { BaseError } from "@p2p/base";
import { encodeValue } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { dhKey, dhPublicKey } from "#x25519";
import { HandshakeState } from "../noise/handshake-state.js";
import { agreed, codeOf, meet, messageOf, securedOf, sideOf, transcript, turnedBits } from "../testing/handshakes.js";
import { hex } from "../testing/noise-vectors-node.js";
import { identityOf, networkIdForTests } from "../testing/worlds.js";
import { prologueOf } from "./prologue.js";
import { notWelcome, wrongPeer } from "./verdict.js";

const networkKey = new Uint8Array(32).fill(9);

describe.each([["XX", {}] as const, ["XXpsk3", { networkKey }] as const])("%s", (_name, options) => {
  const dialler = () => sideOf("dialer", 1, options);
  const acceptor = () => sideOf("acceptor", 2, options);

  test("[SEC-030] [SEC-033] both sides prove their ids, and have keys for both ways", () => {
    const [near, far] = agreed(dialler(), acceptor());
    expect([near.remoteId, far.remoteId]).toEqual([identityOf(2).id, identityOf(1).id]);
    const ad = new Uint8Array(0);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      expect(to.receive.open(ad, from.send.seal(ad, [Uint8Array.of(1)]))?.map(hex)).toEqual(["01"]);
    }
  });

  test.each([1, 2, 3])(
    "[SEC-034] every bit of message %i counts",
    (number) => {
      const original = transcript(dialler(), acceptor())[number - 1] ?? new Uint8Array(0);
      let passed = 0;
      let tried = 0;
      for (const turned of turnedBits(original)) {
        const outcome = meet(dialler(), acceptor(), (message, at) => (at === number ? turned : message));
        tried++;
        // One side at least refuses: the one that reads the message, or of the first, whose text is not sealed, the dialler.
        if (outcome[0] === "done" && outcome[1] === "done") passed++;
      }
      expect(tried).toBe(8 * original.length);
      expect(passed).toBe(0);
    },
    60_000,
  );

  test.each([1, 2, 3])(
    "[SEC-034] message %i is refused when anything of it is missing or added",
    (number) => {
      const original = transcript(dialler(), acceptor())[number - 1] ?? new Uint8Array(0);
      const altered = [...original.keys()].map((length) => original.subarray(0, length));
      for (const wrong of [...altered, Uint8Array.of(...original, 0)]) {
        const outcome = meet(dialler(), acceptor(), (message, at) => (at === number ? wrong : message));
        expect(outcome).not.toEqual(["done", "done"]);
      }
    },
    60_000,
  );

  test("[SEC-034] messages of an earlier handshake are worth nothing in a later one", () => {
    const [first, , third] = transcript(dialler(), acceptor());
    // The same node later: it draws other keys.
    const later = () => sideOf("acceptor", 2, { ...options, drawKey: () => dhKey(new Uint8Array(32).fill(77)) });
    const side = later();
    messageOf(side.step(first ?? new Uint8Array(0)));
    expect(codeOf(side.step(third ?? new Uint8Array(0)))).toBe("handshake-forged");
    const [, second] = transcript(dialler(), acceptor());
    const again = sideOf("dialer", 1, { ...options, drawKey: () => dhKey(new Uint8Array(32).fill(78)) });
    again.first();
    expect(codeOf(again.step(second ?? new Uint8Array(0)))).toBe("handshake-forged");
  });

  test("[SEC-038] a dialler that gets its own words back refuses them", () => {
    const side = dialler();
    const first = side.first();
    const padded = new Uint8Array(200);
    padded.set(first);
    expect(["reflected", "handshake-forged"]).toContain(codeOf(side.step(padded)));
  });
});

test("[SEC-038] an acceptor with the dialler's own ephemeral key is a mirror, even where its words verify", () => {
  const own = dhKey(new Uint8Array(32).fill(3));
  const mirror = sideOf("acceptor", 2, { drawKey: () => own });
  const side = sideOf("dialer", 1, { drawKey: () => own });
  expect(codeOf(mirror.step(side.first()))).toBe("reflected");
});

test("[SEC-038] a node that meets itself is told as that, on both ends", () => {
  const [near, far] = meet(
    sideOf("dialer", 1),
    sideOf("acceptor", 1, { drawKey: () => dhKey(new Uint8Array(32).fill(4)) }),
  );
  expect([near, far]).toEqual(["self-dial", "connection-refused"]);
});

test("[SEC-031] without the network key, or with another, there is no channel", () => {
  const other = new Uint8Array(32).fill(10);
  // The key comes in with the third message: until the first record the dialler does not see that it is another.
  expect(meet(sideOf("dialer", 1, { networkKey: other }), sideOf("acceptor", 2, { networkKey }))).toEqual([
    "done",
    "handshake-forged",
  ]);
  expect(meet(sideOf("dialer", 1), sideOf("acceptor", 2, { networkKey }))).toEqual(["waits", "handshake-forged"]);
  expect(meet(sideOf("dialer", 1, { networkKey }), sideOf("acceptor", 2))).toEqual(["handshake-forged", "waits"]);
});

test("[SEC-032] nodes of another network do not understand each other", () => {
  const networkId = new Uint8Array(32).fill(6);
  expect(meet(sideOf("dialer", 1, { networkId }), sideOf("acceptor", 2))).toEqual(["handshake-forged", "waits"]);
  expect(() => prologueOf(new Uint8Array(31))).toThrow(TypeError);
});

describe("[SEC-036] keys of low order", () => {
  // RFC 7748, section 6.1, and the list of https://cr.yp.to/ecdh.html: 0, 1, the two points of order 8, p-1, p, p+1.
  const lowOrder = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ].map((text) => new Uint8Array(Buffer.from(text, "hex")));

  test.each(lowOrder)("as ephemeral key of a dialler %#", (key) => {
    expect(codeOf(sideOf("acceptor", 2).step(key))).toBe("low-order-key");
  });

  test.each(lowOrder)("as ephemeral key of an acceptor %#", (key) => {
    const side = sideOf("dialer", 1);
    side.first();
    expect(codeOf(side.step(Uint8Array.of(...key, ...new Uint8Array(200))))).toBe("low-order-key");
  });

  test.each(lowOrder)("as static key %#", (key) => {
    const attacker = stateOf({ isInitiator: false, staticPublic: key });
    const side = sideOf("dialer", 1);
    attacker.read(side.first());
    // The attacker computes `es` as everybody can: the secret is all zeroes.
    expect(codeOf(side.step(written(attacker.write(() => new Uint8Array(0)))))).toBe("low-order-key");
  });

  test("agree on nothing, natively and portably", async () => {
    const portable = await import("../primitives/x25519.js");
    for (const key of lowOrder) {
      expect(dhKey(new Uint8Array(32).fill(1)).agree(dhPublicKey(key))).toBeUndefined();
      expect(portable.dhKey(new Uint8Array(32).fill(1)).agree(portable.dhPublicKey(key))).toBeUndefined();
    }
  });
});

test("[SEC-034] a static key that the peer has not the secret of is refused", () => {
  // What a node shows anybody who dials it, shown by somebody else.
  const victim = dhKey(new Uint8Array(32).fill(31));
  const attacker = stateOf({ isInitiator: false, staticPublic: victim.publicKey });
  const side = sideOf("dialer", 1);
  attacker.read(side.first());
  expect(codeOf(side.step(written(attacker.write(() => new Uint8Array(0)))))).toBe("handshake-forged");
});

describe("[SEC-033] an identity that is not the peer's own", () => {
  /** An acceptor that runs the protocol by the book, but for its payload. */
  function answered(payload: (hash: Uint8Array) => Uint8Array): string {
    const attacker = stateOf({ isInitiator: false });
    const side = sideOf("dialer", 1);
    attacker.read(side.first());
    return codeOf(side.step(written(attacker.write(payload))));
  }
  const victim = identityOf(3);
  const own = identityOf(4);

  test("is refused without its signature, and with the attacker's", () => {
    expect(answered((hash) => identityPayload(victim.publicKey, own.sign("channelIdentity", hash)))).toBe(
      "identity-forged",
    );
    expect(answered(() => identityPayload(victim.publicKey, new Uint8Array(64)))).toBe("identity-forged");
    expect(answered((hash) => identityPayload(own.publicKey, own.sign("channelIdentity", hash)))).toBe("done");
  });

  test("is refused with a signature that its owner gave for another purpose", () => {
    expect(answered((hash) => identityPayload(victim.publicKey, victim.sign("application", hash)))).toBe(
      "identity-forged",
    );
  });

  test("is refused with a signature from the attacker's own channel with its owner (unknown key share)", () => {
    // The victim dials the attacker, who passes its identity on to somebody else as its own.
    const caught: Uint8Array[] = [];
    const asAcceptor = stateOf({ isInitiator: false });
    const victimSide = sideOf("dialer", 3);
    asAcceptor.read(victimSide.first());
    const third = victimSide.step(
      written(asAcceptor.write((hash) => identityPayload(own.publicKey, own.sign("channelIdentity", hash)))),
    );
    const read = asAcceptor.read(messageOf(third));
    if (typeof read === "string") throw new Error(read);
    caught.push(read.payload);
    const target = sideOf("acceptor", 2);
    const asDialler = stateOf({ isInitiator: true });
    const answer = messageOf(target.step(written(asDialler.write(() => new Uint8Array(0)))));
    asDialler.read(answer);
    const passedOn = asDialler.write(() => caught[0] ?? new Uint8Array(0));
    expect(codeOf(target.step(written(passedOn)))).toBe("identity-forged");
  });

  test("is refused when it is no identity at all", () => {
    expect(answered(() => new Uint8Array(0))).toBe("bad-handshake");
    expect(answered(() => encodeValue([1, 2]))).toBe("bad-handshake");
    expect(answered(() => encodeValue({ key: new Uint8Array(31), sig: new Uint8Array(64) }))).toBe("bad-handshake");
    expect(answered(() => new Uint8Array(800).fill(0xc1))).toBe("bad-handshake");
  });
});

describe("[SEC-037] a peer that is not wanted", () => {
  test("is told so by the dialler, who does not say who it is", () => {
    const expected = identityOf(5).id;
    const dialler = sideOf("dialer", 1, { judge: (id) => wrongPeer(id, expected, "memory://peer:1") });
    const acceptor = sideOf("acceptor", 2);
    const refused = dialler.step(messageOf(acceptor.step(dialler.first())));
    expect(codeOf(refused)).toBe("wrong-peer");
    const heard = acceptor.step(messageOf(refused));
    if (heard.kind !== "fail" || !(heard.error instanceof BaseError)) throw new Error("not refused");
    expect(heard.error).toMatchObject({
      code: "connection-refused",
      reason: { name: "security", code: 18, byUs: false },
    });
  });

  test("gets a static key that no other handshake of the dialler has shown", () => {
    const shown = [undefined, () => notWelcome("no", "memory://peer:1")].map((judge) => {
      const observer = stateOf({ isInitiator: false });
      const side = sideOf("dialer", 1, judge === undefined ? {} : { judge });
      observer.read(side.first());
      const own = identityOf(4);
      const answer = written(
        observer.write((hash) => identityPayload(own.publicKey, own.sign("channelIdentity", hash))),
      );
      observer.read(messageOf(side.step(answer)));
      return hex(observer.remoteStatic ?? new Uint8Array(0));
    });
    expect(shown[0]).not.toBe(shown[1]);
  });

  test("is told so by the acceptor in a record", () => {
    const acceptor = sideOf("acceptor", 2, { judge: () => notWelcome("no", "memory://peer:1") });
    const dialler = sideOf("dialer", 1);
    const done = dialler.step(messageOf(acceptor.step(dialler.first())));
    const refused = acceptor.step(messageOf(done));
    expect(codeOf(refused)).toBe("peer-refused");
    if (refused.kind !== "refuse" || refused.send === undefined) throw new Error("no way to tell");
    const ad = new Uint8Array(0);
    expect(securedOf(done).receive.open(ad, refused.send.seal(ad, [Uint8Array.of(3)]))).toBeDefined();
  });
});

function identityPayload(key: Uint8Array, sig: Uint8Array): Uint8Array {
  return encodeValue({ key, sig });
}

/** A side of Noise without the layer above, which says what the test wants it to. */
function stateOf({
  isInitiator,
  staticPublic,
}: {
  readonly isInitiator: boolean;
  readonly staticPublic?: Uint8Array;
}): HandshakeState {
  const real = dhKey(new Uint8Array(32).fill(isInitiator ? 21 : 22));
  const staticKey = staticPublic === undefined ? real : { publicKey: staticPublic, agree: () => new Uint8Array(32) };
  const ephemeralKey = dhKey(new Uint8Array(32).fill(isInitiator ? 23 : 24));
  return new HandshakeState({ isInitiator, prologue: prologueOf(networkIdForTests), staticKey, ephemeralKey });
}

function written(message: Uint8Array | string): Uint8Array {
  if (typeof message === "string") throw new Error(message);
  return message;
}
