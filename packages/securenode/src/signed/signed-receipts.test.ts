// Receipts of routed messages: signed by the destination for the origin, so that who withholds a message cannot say that it
// arrived, nor learn the world wrong ways.
import { decodeBody, flags, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { codeOfError } from "../testing/handshakes.js";
import { type Attacker, frameOf, type Member, SignedWorld } from "../testing/signed-world.js";

let world: SignedWorld;
let ada: Member;
let carl: Member;
/** The only link of Ada, and one of Carl's. */
let mallory: Attacker;

const { subtypes, mainTypes } = flags;
/** What a mesh gives up a message after, three attempts and some. */
const patienceMs = 10_000;

beforeEach(async () => {
  world = new SignedWorld();
  ada = await world.add(1);
  carl = await world.add(3);
  mallory = await world.attack(ada);
  await world.run(mallory.node.dial(carl.address));
  await world.clock.settle();
});

afterEach(() => world.close());

/** Ada's message to Carl, which the attacker has. @returns what becomes of it, told after the attacker acted */
async function sent(
  data: string,
): Promise<{ readonly outcome: Promise<string>; readonly innerId: Uint8Array; readonly raw: Uint8Array }> {
  const outcome = ada.mesh.send(carl.mesh.id, data).then(() => "arrived", codeOfError);
  await world.clock.settle();
  const raw = heard(subtypes.routed);
  const inner = decodeBody(raw).items[4];
  if (!(inner instanceof Uint8Array)) throw new Error("no inner body");
  return { outcome, innerId: await idOf(inner), raw };
}

function heard(subtype: number): Uint8Array {
  const raw = mallory.heard.findLast((body) => decodeBody(body).items[0] === subtype);
  if (raw === undefined) throw new Error("the attacker heard nothing of the kind");
  return raw;
}

async function idOf(inner: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(inner)));
}

function receipt(innerId: Uint8Array, ...proof: WireValue[]): Uint8Array {
  const { writer, times } = mallory.node.seams;
  const items = [subtypes.receipt, nodeIdToBytes(ada.mesh.id), 64, innerId, ...proof];
  return writer.write(mainTypes.whisper, nodeIdToBytes(carl.mesh.id), times.next(), items);
}

/** A proof in a body, made of what a forger has. */
function proofBy(innerId: Uint8Array, writing: Parameters<Attacker["frame"]>[0] = {}): Uint8Array {
  return mallory.frame({ items: [subtypes.receipt, innerId], to: ada.mesh.id, ...writing }).subarray(4);
}

/** Brings Carl what Ada sent, and gives his receipt. */
async function delivered(raw: Uint8Array): Promise<Uint8Array> {
  mallory.node.connectionTo(carl.mesh.id)?.sendFrame(frameOf(raw));
  await world.clock.settle();
  return heard(subtypes.receipt);
}

test("[SEC-089] a receipt that the destination signed counts, and holds for one message", async () => {
  const first = await sent("first");
  const right = await delivered(first.raw);
  const proof = decodeBody(right).items[4];
  expect(proof).toBeInstanceOf(Uint8Array);
  mallory.connection.sendFrame(frameOf(right));
  await world.clock.settle();
  expect(await first.outcome).toBe("arrived");
  expect(ada.judged).toEqual(["accepted"]);
  const second = await sent("second");
  for (const lie of [receipt(second.innerId, proof ?? null), frameOf(right)]) mallory.connection.sendFrame(lie);
  await world.clock.advance(patienceMs);
  expect(await second.outcome).toBe("unreachable");
  expect(ada.blamed).toEqual([]);
});

test.each([
  ["no proof", "message-unsigned", () => []],
  ["its own signature", "message-forged", (id: Uint8Array) => [proofBy(id, { sender: carl.mesh.id })]],
  [
    "the destination's key",
    "message-forged",
    (id: Uint8Array) => [proofBy(id, { sender: carl.mesh.id, key: carl.identity })],
  ],
  ["nothing in the proof", undefined, () => [new Uint8Array(0)]],
  ["another's proof", undefined, (id: Uint8Array) => [proofBy(id)]],
  ["bytes", undefined, () => [new Uint8Array(200).fill(7)]],
] as const)(
  "[SEC-089] [SEC-082] a relay that claims a receipt with %s is not believed",
  async (_what, code, proofs) => {
    const { outcome, innerId } = await sent("withheld");
    mallory.connection.sendFrame(receipt(innerId, ...proofs(innerId)));
    await world.clock.advance(patienceMs);
    expect(await outcome).toBe("unreachable");
    expect(ada.judged).toEqual(code === undefined ? [] : [code]);
    expect(ada.blamed).toEqual(code === undefined ? [] : [mallory.identity.id]);
  },
);

test.each(["require", "sign-only", "off"] as const)(
  "[SEC-089] a message over two hops is known to have arrived where signatures are %s",
  async (messages) => {
    const honest = new SignedWorld();
    const [near, , far] = await honest.line(3, { messages });
    if (near === undefined || far === undefined) throw new Error("three members");
    expect(await honest.run(near.mesh.send(far.mesh.id, "far"))).toBeUndefined();
    expect(far.inbox).toEqual(["to me: far"]);
    expect(near.judged).toEqual(messages === "off" ? [] : ["accepted"]);
    await honest.close();
  },
);

test("[SEC-089] no bit of the proof of a receipt can be turned", async () => {
  const { outcome, innerId, raw } = await sent("turned");
  const right = await delivered(raw);
  const proof = decodeBody(right).items[4];
  if (!(proof instanceof Uint8Array)) throw new Error("no proof");
  for (let index = 0; index < proof.length; index += 5) {
    const turned = proof.slice();
    turned[index] = (turned[index] ?? 0) ^ 1;
    mallory.connection.sendFrame(receipt(innerId, turned));
    await world.clock.settle();
  }
  expect(ada.judged).not.toContain("accepted");
  await world.clock.advance(patienceMs);
  expect(await outcome).toBe("unreachable");
});

test("[SEC-089] a flood of forged receipts costs the link of who brings them", async () => {
  const { outcome, innerId } = await sent("flooded");
  for (let number = 0; number < 20; number++) {
    mallory.connection.sendFrame(receipt(innerId, proofBy(innerId, { sender: carl.mesh.id, sequence: 1 + number })));
  }
  await world.clock.settle();
  expect(mallory.ended.map(({ name }) => name)).toContain("rejected");
  expect(ada.judged.length).toBeLessThan(10);
  await world.clock.advance(patienceMs);
  expect(await outcome).toBe("unreachable");
});
