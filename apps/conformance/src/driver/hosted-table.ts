// A table under test, and the commands about it.
import type { NodeOptions as BaseNodeOptions, Node } from "@p2p/base";
import { defaultSyncLimits, Sync } from "@p2p/sync";
import type { WireValue } from "@p2p/wire";
import { readValue, writeValue } from "../vectors/notation.js";
import { CommandError } from "./command-error.js";
import { limitsOf } from "./hosted-mesh.js";
import type { NodeOptions } from "./node-options.js";
import type { Report, TableCommand, TableEntry, TableLease } from "./protocol.js";

export function isTableLimit(name: string): boolean {
  return Object.hasOwn(defaultSyncLimits, name);
}

export class HostedTable {
  readonly sync: Sync;

  constructor(name: string, base: BaseNodeOptions, options: NodeOptions, tell: (report: Report) => void) {
    this.sync = new Sync({
      ...base,
      bootstrap: options.bootstrap ?? [],
      leases: options.leases ?? true,
      syncLimits: limitsOf(options, isTableLimit),
    });
    this.sync.mesh.on("message", ({ isBroadcast, from, type, data }) => {
      if (isBroadcast) tell({ report: "broadcast", node: name, from, type, data: writeValue(data) });
    });
    this.sync.on("update", ({ key, newValue }) => {
      tell({ report: "updated", node: name, key, data: writeValue(newValue ?? null) });
    });
    this.sync.on("delete", ({ key }) => tell({ report: "deleted", node: name, key }));
    this.sync.on("leaseLost", ({ key, winner }) => tell({ report: "lease-lost", node: name, key, winner }));
  }

  get node(): Node {
    return this.sync.mesh.node;
  }

  async run(command: TableCommand): Promise<unknown> {
    const { sync } = this;
    const timing = "leaseMs" in command && command.leaseMs !== undefined ? { leaseMs: command.leaseMs } : {};
    switch (command.do) {
      case "set":
        await sync.set(command.key, readValue(command.data), timing);
        return null;
      case "update":
        await sync.update(command.entries.map(([key, data]) => [key, readValue(data)] as const));
        return null;
      case "delete":
        await sync.delete(command.key);
        return null;
      case "delta":
        await sync.applyDelta(command.key, fieldsOf(command.fields), { remove: command.remove ?? [] });
        return null;
      case "acquire":
        await sync.acquire(command.key, timing);
        return null;
      case "release-key":
        await sync.release(command.key);
        return null;
      case "lease":
        return this.#lease(command.key);
      case "table":
        return [...sync].map(([key, value]): TableEntry => ({ key, data: writeValue(value) }));
      case "digest":
        return Buffer.from(sync.digest()).toString("hex");
      default:
        return command satisfies never;
    }
  }

  #lease(key: string): TableLease | null {
    const lease = this.sync.lease(key);
    return lease === undefined ? null : { owner: lease.owner, expiresAtMs: lease.expiresAtMs, token: lease.token };
  }
}

function fieldsOf(notation: unknown): Readonly<Record<string, WireValue>> {
  const fields = readValue(notation);
  if (typeof fields === "object" && fields !== null && !Array.isArray(fields) && !(fields instanceof Uint8Array)) {
    return fields as Readonly<Record<string, WireValue>>; // a map
  }
  throw new CommandError("bad-command", "the fields of a delta are a map");
}
