// Sealed data under a key that belongs to its owner, in a ring whose members hold it and cannot read it.
import { MemoryNetwork, memoryTransport } from "@p2p/base";
import { Chord } from "@p2p/chord";
import { expect, test } from "vitest";
import { codeOfError } from "../testing/handshakes.js";
import { identityOf, layerOf } from "../testing/worlds.js";
import { SealedData } from "./sealed-data.js";

test("[SEC-221] [SEC-225] [SEC-226] who holds a value in a ring verifies it and cannot read it; who was let in reads it", async () => {
  const transports = [memoryTransport({ network: new MemoryNetwork() })];
  const members: Chord[] = [];
  for (const number of [1, 2, 3, 4]) {
    const bootstrap = number === 1 ? [] : ["memory://r1"];
    const listen = [`memory://r${number}`];
    const chord = new Chord({ network: "notes", listen, bootstrap, transports, security: layerOf(number) });
    members.push(chord);
    await chord.open();
    await chord.ready();
  }
  const [atAda, atBob, atCy] = members;
  if (atAda === undefined || atBob === undefined || atCy === undefined) throw new Error("four members");
  const [ada, bob, cy] = [identityOf(1), identityOf(2), identityOf(3)];
  const key = atAda.owned("note");
  const read = async (at: Chord, identity: typeof bob): Promise<unknown> => {
    const bytes = await at.get(key);
    if (!(bytes instanceof Uint8Array)) throw new Error("nothing is stored");
    const data = SealedData.parse(bytes, { owner: ada.id, context: key });
    try {
      return data.open(identity);
    } catch (error) {
      return codeOfError(error);
    }
  };
  const first = SealedData.seal({ text: "draft" }, { owner: ada, context: key, readers: [bob.publicKey] });
  await atAda.set(key, first.bytes);
  expect([await read(atBob, bob), await read(atCy, cy)]).toEqual([{ text: "draft" }, "not-a-reader"]);
  const next = first.grant(cy.publicKey, { owner: ada }).revoke(bob.publicKey, { owner: ada });
  await atAda.set(key, next.bytes);
  expect([await read(atBob, bob), await read(atCy, cy)]).toEqual(["not-a-reader", { text: "draft" }]);
  // Nobody but the owner stores under the key, so that nobody brings back a version in which somebody could read.
  await expect(atBob.set(key, first.bytes)).rejects.toMatchObject({ code: "not-owner" });
  await Promise.all(members.map((member) => member.close()));
});
