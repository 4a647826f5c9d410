// The ready-made node as an object: what can be made of it, what it lets go of, and what it never shows.
import { inspect } from "node:util";
import { Node } from "@p2p/base";
import type { NodeSeams } from "@p2p/simulator";
import { expect, test } from "vitest";
import { noise } from "./channel/noise.js";
import { Identity } from "./identity/identity.js";
import { SecureNode } from "./securenode.js";
import { at, closeAll, failure, line, newWorld, start, startLiar } from "./testing/secure-world.js";
import { identityOf } from "./testing/worlds.js";

test("[SEC-062] peers that are refused are told of", async () => {
  const world = newWorld();
  const desk = await start(world, 1, { deny: [identityOf(2).id] });
  const guest = await start(world, 2);
  expect(await world.run(failure(guest.node.node.dial(desk.address)))).not.toBe("none");
  await world.runFor(2_000);
  expect(desk.told).toEqual(["refused peer peer-refused"]);
  await closeAll(world, [desk, guest]);
});

test("what cannot be is a mistake of the caller, and a node that is closed asks nobody", async () => {
  const node = new Node({ network: "club" });
  expect(() => new SecureNode({ node, identity: identityOf(1), network: "club" })).toThrow(TypeError);
  const secure = new SecureNode({ network: "club", identity: Identity.generate() });
  expect(secure.learnKey(identityOf(2).publicKey)).toBe(identityOf(2).id);
  expect(await secure.keyOf(identityOf(2).id)).toEqual(identityOf(2).publicKey);
  expect(await failure(secure.ping(identityOf(3).id))).toBe("closed");
  await secure.close();
  await secure.close();
});

test("[SEC-237] it requires signatures unless it is told otherwise, and does not meet who signs nothing", async () => {
  const world = newWorld();
  const [safe, other] = [await start(world, 1), await start(world, 2)];
  const lax = await start(world, 3, { messages: "off" });
  expect(safe.node.node.seams.signing?.features).toEqual(["signed/1"]);
  expect(lax.node.node.seams.signing).toBeUndefined();
  expect(await world.run(failure(lax.node.node.dial(safe.address)))).toBe("feature-missing");
  expect(await world.run(failure(other.node.node.dial(safe.address)))).toBe("none");
  await closeAll(world, [safe, other, lax]);
});

test("[SEC-237] on a network that does not sign it is made only by who says so", () => {
  const identity = identityOf(1);
  const policies = ["off", "sign-only", "require"] as const;
  for (const messages of policies) {
    const node = new Node({ network: "club", security: noise({ identity, messages }) });
    const others = policies.filter((policy) => policy !== messages);
    for (const policy of others)
      expect(() => new SecureNode({ node, identity, network: "club", messages: policy })).toThrow(TypeError);
    expect(new SecureNode({ node, identity, network: "club", messages }).id).toBe(identity.id);
  }
  const node = new Node({ network: "club", security: noise({ identity }) });
  expect(() => new SecureNode({ node, identity, network: "club" })).toThrow("messages");
});

test("on the node of a network it lets go of that node when it is closed, and leaves it open", async () => {
  const identity = identityOf(1);
  const node = new Node({ network: "club", security: noise({ identity, messages: "require" }) });
  await node.open();
  const first = new SecureNode({ node, identity, network: "club" });
  expect(() => new SecureNode({ node, identity, network: "club" })).toThrow(RangeError);
  await first.close();
  const second = new SecureNode({ node, identity, network: "club" });
  await second.close();
  expect(node.isOpen).toBe(true);
  await node.close();
});

test("[SEC-002] neither the node nor what it tells shows a secret", async () => {
  const world = newWorld();
  const networkKey = new Uint8Array(32).fill(0xc3);
  const members = await line(world, 2, { networkKey });
  const [ada, bob] = [at(members, 0), at(members, 1)];
  await world.run(ada.node.send(bob.node.id, "noon"));
  await world.runUntil(() => bob.letters.length === 1);
  const shown = [ada.node, bob.node].map((node) =>
    inspect(node, { depth: 12, showHidden: true, maxArrayLength: 1_000 }),
  );
  const secrets = [networkKey, ada.node.identity.exportSeed(), bob.node.identity.exportSeed()];
  for (const text of shown) {
    expect(text).toContain("Identity {");
    for (const secret of secrets) expect(text.replaceAll(/\s/g, "").includes([...secret].join(","))).toBe(false);
  }
  await closeAll(world, members);
});

test("what it waits for ends with it, also on the node of a network that goes on", async () => {
  const world = newWorld();
  const open = async ({ address, clock, random, transports }: NodeSeams) => {
    const identity = identityOf(3);
    const security = noise({ identity, messages: "require" });
    const node = new Node({ network: "club", listen: [address], clock, random, transports, security });
    await node.open();
    return { node, secure: new SecureNode({ node, identity, network: "club" }) };
  };
  const { value } = await world.start("waiting", open);
  const silent = await startLiar(world, identityOf(9), [{ node: value.secure }], () => new Promise(() => {}));
  const waits = [value.secure.ping(silent.id), value.secure.discover(), value.secure.keyOf(silent.id)].map(failure);
  await world.runFor(100);
  const startMs = world.nowMs;
  await world.run(value.secure.close());
  expect(await world.run(Promise.all(waits))).toEqual(["closed", "closed", "closed"]);
  expect(world.nowMs - startMs).toBeLessThan(100);
  expect(await world.run(failure(value.secure.ping(silent.id)))).toBe("closed");
  expect(await world.run(failure(value.secure.discover()))).toBe("closed");
  expect(value.node.isOpen).toBe(true);
  await world.run(Promise.all([value.node.close(), silent.close()]));
});
