// Frames that are finished at the end of a turn: in the very write of that turn, and before whatever is sent after them [BASE-070].
import { flags } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import type { Node } from "../node.js";
import { addressOf, NodeWorld } from "../testing/node-world.js";
import type { Connection } from "./connection.js";

interface Pair {
  readonly a: Node;
  readonly connection: Connection;
  readonly got: unknown[];
  /** Sends without regard to who is to be asked before. */
  raw(data: string): void;
}

async function pairIn(world: NodeWorld): Promise<Pair> {
  const [a, b] = await Promise.all([world.open(), world.open()]);
  const got: unknown[] = [];
  b.on("message", ({ data }) => got.push(data));
  const connection = await world.run(a.dial(addressOf(b)));
  await world.clock.settle();
  const raw = (data: string): void => {
    const { writer, times } = a.seams;
    const items = [flags.subtypes.whisper, "message", data];
    connection.sendFrame(writer.write(flags.mainTypes.whisper, a.idBytes, times.next(), items));
  };
  return { a, connection, got, raw };
}

describe("[BASE-070] who finishes frames at the end of a turn", () => {
  test("is asked once, and what it sends is written with the rest of the turn", async () => {
    await using world = new NodeWorld();
    const { a, got, raw } = await pairIn(world);
    let asked = 0;
    a.seams.beforeFlush(() => {
      asked++;
      raw("finished");
    });
    raw("first");
    expect([asked, world.clock.pendingJobs]).toEqual([0, 1]);
    // Both are written by one job, and read by the next.
    world.clock.runQueue();
    world.clock.runQueue();
    expect([asked, got]).toEqual([1, ["first", "finished"]]);
    await world.clock.settle();
    expect(asked).toBe(1);
  });

  test("comes before messages that are sent after it was announced", async () => {
    await using world = new NodeWorld();
    const { a, connection, got, raw } = await pairIn(world);
    a.seams.beforeFlush(() => raw("finished"));
    connection.sendMessage("after");
    a.seams.beforeFlush(() => raw("finished too"));
    void world.run(a.sendAll("after all"));
    await world.clock.settle();
    expect(got).toEqual(["finished", "after", "finished too", "after all"]);
  });

  test("comes before the end of a connection that is closed in the same turn", async () => {
    await using world = new NodeWorld();
    const { a, connection, got, raw } = await pairIn(world);
    a.seams.beforeFlush(() => raw("finished"));
    void connection.close();
    await world.clock.settle();
    expect(got).toEqual(["finished"]);
  });

  test("may announce itself again meanwhile, and failing holds up nobody's frames", async () => {
    await using world = new NodeWorld();
    const { a, got, raw } = await pairIn(world);
    a.seams.beforeFlush(() => {
      raw("one");
      a.seams.beforeFlush(() => raw("two"));
    });
    await world.clock.settle();
    expect(got).toEqual(["one", "two"]);
    raw("three");
    a.seams.beforeFlush(() => {
      throw new Error("of a network on top");
    });
    expect(() => world.clock.runQueue()).toThrow("of a network on top");
    raw("four");
    await world.clock.settle();
    expect(got).toEqual(["one", "two", "three", "four"]);
  });
});
