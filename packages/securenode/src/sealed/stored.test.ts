// Sealed data where it is meant to be: in a table that everybody has, whose nodes all see it and some can read it.
import { type NodeSeams, World } from "@p2p/simulator";
import { Sync } from "@p2p/sync";
import { expect, test } from "vitest";
import { noise } from "../channel/noise.js";
import { codeOfError } from "../testing/handshakes.js";
import { identityOf } from "../testing/worlds.js";
import { SealedData } from "./sealed-data.js";

const [ada, bob, cy] = [identityOf(1), identityOf(2), identityOf(3)];
const key = "notes/1";

test("[SEC-220] [SEC-225] [SEC-226] [SEC-227] a note in a table is read by those who may, at each time, and verified by all", async () => {
  const world = new World({ seed: 4, trace: "off", conditions: { latency: { minMs: 5, maxMs: 20 } } });
  const tables: Sync[] = [];
  for (const [index, identity] of [ada, bob, cy].entries()) {
    const open = async ({ address, clock, random, transports }: NodeSeams): Promise<Sync> => {
      const bootstrap = index === 0 ? [] : ["sim://t0:1"];
      const security = noise({ identity });
      const table = new Sync({ network: "notes", listen: [address], bootstrap, clock, random, transports, security });
      await table.open();
      return table;
    };
    tables.push((await world.start(`t${index}`, open)).value);
  }
  const [atAda, atBob, atCy] = tables;
  if (atAda === undefined || atBob === undefined || atCy === undefined) throw new Error("three tables");
  await world.runUntil(() => tables.every((table) => table.mesh.peers.length === 2));

  const store = async (data: SealedData): Promise<void> => {
    await world.run(atAda.set(key, data.bytes));
    await world.runUntil(() => tables.every((table) => table.has(key) && read(table).version === data.version));
  };
  // What is in the tables came from others: it is parsed, which verifies it.
  const read = (table: Sync): SealedData => {
    const bytes = table.get(key);
    if (!(bytes instanceof Uint8Array)) throw new Error("nothing is stored");
    return SealedData.parse(bytes, { owner: ada.id, context: key });
  };
  const readings = (): readonly unknown[] =>
    [atBob, atCy].map((table, index) => {
      try {
        return read(table).open(index === 0 ? bob : cy);
      } catch (error) {
        return codeOfError(error);
      }
    });

  const first = SealedData.seal("draft", { owner: ada, context: key });
  await store(first);
  const second = first.grant(bob.publicKey, { owner: ada });
  await store(second);
  expect(readings()).toEqual(["draft", "not-a-reader"]);
  const third = second.grant(cy.publicKey, { owner: ada }).revoke(bob.publicKey, { owner: ada });
  await store(third);
  expect(readings()).toEqual(["not-a-reader", "draft"]);
  await store(third.update("done", { owner: ada }));
  expect(readings()).toEqual(["not-a-reader", "done"]);
  expect(() => SealedData.parse(second.bytes, { context: key, atLeast: third.version })).toThrow(
    expect.objectContaining({ code: "stale-data" }),
  );
  await world.run(Promise.all(tables.map((table) => table.close())));
});
