import { BaseError } from "@p2p/base";
import type { WireValue } from "@p2p/wire";
import { afterEach, expect, test } from "vitest";
import type { Carried } from "./carrier.js";
import { Mesh } from "./mesh.js";
import { Meshes } from "./testing/meshes.js";
import type { Verdict } from "./validators.js";

const subtype = 0x3f;

let meshes: Meshes;

afterEach(() => meshes.close());

/** Members in a line, each with a carrier that answers by the data: `accept`, `ignore`, `reject`, or throws. */
async function line(count: number, isCarrier: (number: number) => boolean = () => true) {
  meshes = new Meshes();
  const got: Carried[][] = [];
  const senders: ((...items: WireValue[]) => boolean)[] = [];
  for (let number = 0; number < count; number += 1) {
    const inbox: Carried[] = [];
    got.push(inbox);
    await meshes.add({
      advertise: [],
      prepare: (mesh) => {
        if (!isCarrier(number)) return;
        senders[number] = mesh.carry(subtype, (message) => {
          inbox.push(message);
          if (message.items[1] === "bad") throw new BaseError("bad-message", "not of this protocol");
          return message.items[1] as Verdict;
        });
      },
    });
  }
  for (let number = 1; number < count; number += 1) await meshes.link(number - 1, number);
  await meshes.clock.settle();
  const send = (...items: WireValue[]): boolean => senders[0]?.(...items) === true;
  return { got, send };
}

test("[MESH-054] a carried broadcast is handed to the protocol once, and to nobody else", async () => {
  const { got, send } = await line(3);
  await meshes.link(0, 2);
  await meshes.clock.settle();
  expect(send("accept", 1)).toBe(true);
  expect(send("accept", 1)).toBe(true);
  await meshes.clock.settle();
  expect(got.map((inbox) => inbox.map(({ items }) => items))).toEqual([
    [],
    [
      [subtype, "accept", 1],
      [subtype, "accept", 1],
    ],
    [
      [subtype, "accept", 1],
      [subtype, "accept", 1],
    ],
  ]);
  const [message] = got[1] ?? [];
  expect([message?.from, message?.via]).toEqual([meshes.at(0).mesh.id, meshes.at(0).mesh.id]);
  expect(meshes.received).toEqual([[], [], []]);
  expect(meshes.at(1).mesh.counters).toMatchObject({ delivered: 2, refused: 0 });
});

test("[MESH-053] what the protocol ignores or rejects goes no further, and who brings rejected ones is dropped", async () => {
  const { got, send } = await line(3);
  send("ignore");
  await meshes.clock.settle();
  expect(got.map((inbox) => inbox.length)).toEqual([0, 1, 0]);
  for (let count = 0; count < 6; count += 1) send("reject", count);
  await meshes.clock.settle();
  expect(got.map((inbox) => inbox.length)).toEqual([0, 7, 0]);
  expect(meshes.at(1).mesh.counters).toMatchObject({ delivered: 0, refused: 7 });
  expect(meshes.at(0).goodbyes).toEqual(["rejected"]);
});

test("[MESH-053] what a carrier calls a bad message closes the link with `protocol`", async () => {
  const { got, send } = await line(3);
  send("bad");
  await meshes.clock.settle();
  expect(got.map((inbox) => inbox.length)).toEqual([0, 1, 0]);
  expect(meshes.at(0).goodbyes).toEqual(["protocol"]);
});

test("[MESH-016] nodes without the protocol pass its broadcasts on", async () => {
  const { got, send } = await line(3, (number) => number !== 1);
  send("accept");
  await meshes.clock.settle();
  expect(got.map((inbox) => inbox.length)).toEqual([0, 0, 1]);
});

test("[MESH-053] a subtype has one protocol, given before the mesh is open", async () => {
  const { send } = await line(1);
  expect(send("accept")).toBe(true); // to nobody
  const { mesh } = meshes.at(0);
  expect(() => mesh.carry(0x3e, () => "accept")).toThrow(TypeError);
  const another = new Mesh({ network: "test" });
  const sender = another.carry(subtype, () => "accept");
  expect(() => another.carry(subtype, () => "accept")).toThrow(RangeError);
  expect(() => another.carry(0, () => "accept")).toThrow(RangeError);
  expect(() => sender("early")).toThrow(expect.objectContaining({ code: "closed" }));
});
