// Letters and pings through a mesh, to who is no neighbour.
import { Mesh } from "@p2p/mesh";
import type { NodeSeams } from "@p2p/simulator";
import { expect, test } from "vitest";
import { noise } from "../channel/noise.js";
import { SecureNode } from "../securenode.js";
import { at, latencyMs, type Member, newWorld, watched } from "../testing/secure-world.js";
import { identityOf } from "../testing/worlds.js";

test("[SEC-230] go through a mesh to who is no neighbour, and nobody on the way reads them", async () => {
  const world = newWorld(5);
  const made: { readonly mesh: Mesh; readonly member: Member; readonly seen: unknown[] }[] = [];
  for (let number = 1; number <= 3; number++) {
    const open = async ({ address, clock, random, transports }: NodeSeams) => {
      const identity = identityOf(number);
      const security = noise({
        identity,
        ...(number === 2 ? {} : { gate: { peer: (id: string) => id === identityOf(2).id } }),
      });
      const bootstrap = number === 1 ? [] : [number === 2 ? "sim://m1:1" : "sim://m2:1"];
      const mesh = new Mesh({ network: "club", listen: [address], bootstrap, clock, random, transports, security });
      const member = watched(new SecureNode({ node: mesh.node, security, identity, network: "club" }));
      const seen: unknown[] = [];
      mesh.node.trace.subscribe((event) => seen.push(event));
      await mesh.open();
      return { mesh, member, seen };
    };
    made.push((await world.start(`m${number}`, open)).value);
  }
  const [ada, bob, cy] = [at(made, 0), at(made, 1), at(made, 2)];
  await world.runUntil(() => bob.mesh.peers.length === 2);
  await world.runFor(5_000);
  expect(ada.mesh.peers).toEqual([bob.mesh.id]);
  await world.run(ada.member.node.send(cy.mesh.id, "over the mesh"));
  await world.runUntil(() => cy.member.letters.length === 1);
  expect(at(cy.member.letters, 0)).toMatchObject({ data: "over the mesh", from: ada.mesh.id });
  expect(await world.run(ada.member.node.ping(cy.mesh.id))).toBeGreaterThanOrEqual(4 * latencyMs);
  await world.run(Promise.all(made.map(({ mesh }) => mesh.close())));
}, 30_000);
