// A table of profile 0.7 under test, and the commands about it.
import { LegacySync } from "@p2p/sync/legacy";
import type { Value07 } from "@p2p/wire/legacy";
import { type LegacyValue, readLegacy, writeLegacy } from "../vectors/legacy-notation.js";
import { CommandError } from "./command-error.js";
import { limitsOf } from "./hosted-mesh.js";
import { ManualClock } from "./manual-clock.js";
import type { NodeOptions } from "./node-options.js";
import type { NodeCommand, Opened, Report, TableEntry } from "./protocol.js";

export class HostedLegacyTable {
  readonly #table: LegacySync;
  readonly #clock: ManualClock | undefined;

  constructor(name: string, options: NodeOptions, tell: (report: Report) => void) {
    const { network, listen = ["tcp://127.0.0.1:0"], bootstrap = [], leases, dialect } = options;
    this.#clock = options.clock === "manual" ? new ManualClock(options.wallMs ?? Date.now()) : undefined;
    this.#table = new LegacySync({
      network,
      listen: listen[0] ?? "",
      bootstrap,
      limits: limitsOf(options, () => true),
      ...(leases === undefined ? {} : { leases }),
      ...(dialect === undefined ? {} : { dialect }),
      ...(this.#clock === undefined ? {} : { clock: this.#clock }),
    });
    this.#table.on("linked", (peer) => tell({ report: "connected", node: name, peer, direction: "inbound" }));
    this.#table.on("unlinked", (peer) => tell({ report: "disconnected", node: name, peer, code: 255, reason: "" }));
  }

  async open(): Promise<Opened> {
    await this.#table.open();
    return { id: this.#table.id, addresses: this.#table.addresses };
  }

  async run(command: NodeCommand): Promise<unknown> {
    const table = this.#table;
    switch (command.do) {
      case "close":
        return table.close();
      case "dial":
        await table.dial(command.address);
        return null;
      case "set":
        table.set(command.key, fromNotation(command.data));
        return null;
      case "delete":
        return table.delete(command.key);
      case "delta":
        // A map in notation is an object.
        table.applyDelta(command.key, fromNotation(command.fields) as { readonly [field: string]: Value07 });
        return null;
      case "table":
        return [...table].map(([key, value]): TableEntry => ({ key, data: toNotation(value) }));
      case "advance":
        return this.#manual().advance(command.ms);
      case "set-wall":
        return this.#manual().setWall(command.ms);
      default:
        throw new CommandError("unsupported", `a table of 0.7 does not ${command.do}`);
    }
  }

  #manual(): ManualClock {
    if (!this.#clock) throw new CommandError("no-clock", "the node was not opened with a manual clock");
    return this.#clock;
  }
}

/** The notation marks what both have no plain value for; cases of tables use none of it. */
function fromNotation(notation: unknown): Value07 {
  return readLegacy(notation) as Value07;
}

function toNotation(value: Value07): unknown {
  return writeLegacy(value as LegacyValue);
}
