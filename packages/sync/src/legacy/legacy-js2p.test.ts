// A table among the code that 0.7 is in the end: js2p 0.7.870 in a process of its own, over loopback sockets.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Js2pAsk, Js2pReport } from "../testing/js2p-table-node.js";
import type { LegacyChange } from "./effects.js";
import { LegacySync } from "./legacy-sync.js";

const entry = fileURLToPath(new URL("../testing/js2p-table-node.ts", import.meta.url));

/** The process of js2p, and what it reports in order. */
class Js2p {
  readonly #process: ChildProcess = fork(entry, { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  readonly #reports: Js2pReport[] = [];

  constructor() {
    this.#process.on("message", (report: Js2pReport) => this.#reports.push(report));
  }

  ask(ask: Js2pAsk): void {
    this.#process.send(ask);
  }

  /** The next report of a kind; those before it of other kinds wait for their turn. */
  async next<Kind extends Js2pReport["kind"]>(kind: Kind): Promise<Js2pReport & { kind: Kind }> {
    for (;;) {
      const index = this.#reports.findIndex((report) => report.kind === kind);
      // Found by its kind.
      if (index >= 0) return this.#reports.splice(index, 1)[0] as Js2pReport & { kind: Kind };
      await once(this.#process, "message");
    }
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }
}

let js2p: Js2p;
let table: LegacySync;

beforeEach(async () => {
  js2p = new Js2p();
  table = new LegacySync({ network: "office", listen: "tcp://127.0.0.1:0" });
  await table.open();
});

afterEach(async () => {
  await table.close();
  await js2p.end();
});

function changed(key: string): Promise<LegacyChange> {
  return new Promise((resolve) => {
    const remove = table.on("update", (change) => {
      if (change.key !== key) return;
      remove();
      resolve(change);
    });
  });
}

describe.each(["js2p dials", "we dial"])("a table with js2p 0.7.870, %s", (who) => {
  beforeEach(async () => {
    table.set("early", "told to who joins late");
    const { port } = await js2p.next("listening");
    if (who === "we dial") await table.dial(`tcp://127.0.0.1:${port}`);
    else js2p.ask({ do: "dial", port: Number(table.addresses[0]?.split(":").at(-1)) });
    await table.ready();
  });

  it("[SYNC-301] [SYNC-305] [SYNC-306] [SYNC-307] shares writes and deltas both ways, and what was there before", async () => {
    expect(await js2p.next("update")).toMatchObject({ key: "early", value: "told to who joins late" });
    table.set("ours", { list: [1, "two", null] });
    expect(await js2p.next("update")).toMatchObject({ key: "ours", value: { list: [1, "two", null] } });
    table.applyDelta("map", { a: 1 });
    expect(await js2p.next("update")).toMatchObject({ key: "map", value: { a: 1 } });

    const theirs = changed("theirs");
    js2p.ask({ do: "set", key: "theirs", value: 7 });
    expect(await theirs).toMatchObject({ newValue: 7, owner: table.peers[0] });
    const delta = changed("theirMap");
    js2p.ask({ do: "delta", key: "theirMap", fields: { b: 2 } });
    expect(await delta).toMatchObject({ newValue: { b: 2 } });
    js2p.ask({ do: "status" });
    expect(await js2p.next("status")).toMatchObject({ status: "Nominal" });
  });

  it("[SYNC-311] has js2p see each of three writes, of which the third equals the first", async () => {
    await js2p.next("update");
    for (const value of ["x", "y", "x"]) table.set("k", value);
    const seen = [await js2p.next("update"), await js2p.next("update"), await js2p.next("update")];
    expect(seen.map(({ value }) => value)).toEqual(["x", "y", "x"]);
  });

  it("[SYNC-310] does not delete while js2p is linked", () => {
    expect(() => table.delete("early")).toThrow(expect.objectContaining({ code: "legacy-delete" }));
  });
});
