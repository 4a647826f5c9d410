// Hosts nodes under test of this repository's packages, and answers the commands about them.
import { BaseError, type NodeOptions as BaseNodeOptions, type CloseReason, type Connection, Node } from "@p2p/base";
import { openStore } from "@p2p/chord";
import { parseNodeId } from "@p2p/wire";
import { readValue, writeValue } from "../vectors/notation.js";
import { CommandError } from "./command-error.js";
import { HostedChord, isChordLimit } from "./hosted-chord.js";
import { HostedLegacyTable } from "./hosted-legacy-table.js";
import { HostedMesh, isMeshLimit, limitsOf } from "./hosted-mesh.js";
import { HostedSecureNode, isLetterLimit, withIdentity } from "./hosted-secure-node.js";
import { isSecurityLimit, securityOf } from "./hosted-security.js";
import { HostedTable, isTableLimit } from "./hosted-table.js";
import { KeptDisk } from "./kept-disk.js";
import { ManualClock } from "./manual-clock.js";
import type { NodeOptions } from "./node-options.js";
import type { ChordCommand, Greeting, LetterCommand, NodeCommand, Opened, Report, TableCommand } from "./protocol.js";
import { installTestHandlers, type TestHandlers } from "./test-handlers.js";

interface Hosted {
  readonly node: Node;
  /** What is closed: the mesh, or the node itself. */
  readonly owner: { close(): Promise<void> };
  readonly mesh: HostedMesh | undefined;
  readonly chord: HostedChord | undefined;
  readonly table: HostedTable | undefined;
  readonly secure: HostedSecureNode | undefined;
  readonly clock: ManualClock | undefined;
  /** The name of its store. */
  readonly store: string | undefined;
  readonly handlers: TestHandlers;
  readonly requests: Map<string, AbortController>;
}

type WithNode<T, K extends string> = T extends { readonly do: K } ? T : never;

export class NodeHost {
  readonly supports: Greeting["supports"] = [
    "codec",
    "legacy",
    "base",
    "mesh",
    "chord",
    "sync",
    "legacy-sync",
    "clock",
    "identity",
    "sealed",
    "noise",
  ];
  readonly #tell: (report: Report) => void;
  readonly #hosted = new Map<string, Hosted>();
  readonly #disks = new Map<string, KeptDisk>();
  readonly #legacyTables = new Map<string, HostedLegacyTable>();

  constructor(tell: (report: Report) => void) {
    this.#tell = tell;
  }

  async run(command: NodeCommand): Promise<unknown> {
    if (command.do === "open") return this.#open(command.node, command.options);
    const legacyTable = this.#legacyTables.get(command.node);
    if (legacyTable !== undefined) {
      if (command.do === "close") this.#legacyTables.delete(command.node);
      return legacyTable.run(command);
    }
    const hosted = this.#hosted.get(command.node);
    if (!hosted) throw new CommandError("no-such-node", `no node is named ${command.node}`);
    const { node } = hosted;
    switch (command.do) {
      case "close":
        this.#hosted.delete(command.node);
        // A member hands over what it holds, which takes time.
        if (hosted.chord !== undefined && hosted.clock !== undefined) return hosted.clock.during(hosted.owner.close());
        return hosted.owner.close();
      case "dial":
        return { id: (await node.dial(command.address, { keep: command.keep ?? false })).id };
      case "hang-up":
        return node.connectionTo(parseNodeId(command.peer))?.close();
      case "send":
        return node.send(target(command.to), readValue(command.data), type(command));
      case "send-all": {
        const exclude = (command.exclude ?? []).map(parseNodeId);
        await node.sendAll(readValue(command.data), { ...type(command), exclude });
        return null;
      }
      case "request":
        return this.#request(hosted, command);
      case "give-up":
        hosted.requests.get(command.tag)?.abort(new CommandError("given-up", "the application gave up"));
        return null;
      case "release":
        return hosted.handlers.release();
      case "advance":
        return clockOf(hosted).advance(command.ms);
      case "set-wall":
        return clockOf(hosted).setWall(command.ms);
      case "peers":
        return node.connections.map(({ id, direction, rttMs, clockOffsetMs }) => ({
          id,
          direction,
          rttMs: rttMs ?? null,
          clockOffsetMs: clockOffsetMs ?? null,
        }));
      case "crash":
        return this.#crash(command.node, hosted);
      case "broadcast":
        return meshOf(hosted).broadcast(readValue(command.data), command.type, command.exclude);
      case "verdict":
        return meshOf(hosted).give(command.verdict);
      default:
        if (hosted.secure !== undefined) return hosted.secure.run(command as LetterCommand);
        if (hosted.chord !== undefined) return hosted.chord.run(command as ChordCommand);
        return tableOf(hosted).run(command as TableCommand);
    }
  }

  async #crash(name: string, hosted: Hosted): Promise<void> {
    this.#hosted.delete(name);
    if (hosted.store !== undefined) this.#disks.get(hosted.store)?.crash();
    await hosted.chord?.die();
  }

  /** A node that writes letters, alone or on a mesh. */
  #secure(name: string, options: NodeOptions, mesh: HostedMesh | undefined, clock: ManualClock | undefined) {
    if (options.kind !== "secure" && options.kind !== "secure-mesh") return undefined;
    const node = mesh?.node ?? new Node(nodeOptions(options, clock));
    return new HostedSecureNode(name, node, mesh?.mesh ?? node, options, this.#tell);
  }

  /** The node of a ring, with its store. */
  async #chord(options: NodeOptions, clock: ManualClock | undefined): Promise<HostedChord | undefined> {
    if (options.kind !== "chord") return undefined;
    if (options.store === undefined) return new HostedChord(nodeOptions(options, clock), options, undefined);
    const disk = this.#disks.get(options.store) ?? new KeptDisk();
    this.#disks.set(options.store, disk);
    return new HostedChord(nodeOptions(options, clock), options, await openStore(disk.open()));
  }

  async #open(name: string, given: NodeOptions): Promise<Opened> {
    const options = withIdentity(given);
    if (options.kind === "legacy-sync") {
      const table = new HostedLegacyTable(name, options, this.#tell);
      this.#legacyTables.set(name, table);
      return table.open();
    }
    const clock = options.clock === "manual" ? new ManualClock(options.wallMs ?? Date.now()) : undefined;
    const isMesh = options.kind === "mesh" || options.kind === "secure-mesh";
    const mesh = isMesh ? new HostedMesh(name, nodeOptions(options, clock), options, this.#tell) : undefined;
    const table =
      options.kind === "sync" ? new HostedTable(name, nodeOptions(options, clock), options, this.#tell) : undefined;
    const secure = this.#secure(name, options, mesh, clock);
    const chord = await this.#chord(options, clock);
    const node = mesh?.node ?? secure?.node ?? chord?.node ?? table?.node ?? new Node(nodeOptions(options, clock));
    const owner = secure ?? mesh?.mesh ?? chord?.chord ?? table?.sync ?? node;
    const handlers = installTestHandlers(node, (dropped) =>
      this.#tell({ report: "dropped", node: name, type: dropped }),
    );
    this.#report(name, node);
    await owner.open();
    this.#hosted.set(name, {
      node,
      owner,
      mesh,
      chord,
      table,
      secure,
      clock,
      store: options.store,
      handlers,
      requests: new Map(),
    });
    return { id: node.id, addresses: node.addresses };
  }

  #report(name: string, node: Node): void {
    const tell = this.#tell;
    const connected = (connection: Connection): void =>
      tell({ report: "connected", node: name, peer: connection.id, direction: connection.direction });
    const disconnected = (connection: Connection, reason: CloseReason): void =>
      tell({ report: "disconnected", node: name, peer: connection.id, code: reason.code, reason: reason.text });
    node.on("inboundConnected", connected);
    node.on("outboundConnected", connected);
    node.on("inboundDisconnected", disconnected);
    node.on("outboundDisconnected", disconnected);
    node.on("message", ({ from, type: kind, data }) =>
      tell({ report: "message", node: name, from, type: kind, data: writeValue(data) }),
    );
    node.on("reconnectFailed", (address) => tell({ report: "gave-up", node: name, address }));
    node.on("error", (error) =>
      tell({ report: "error", node: name, code: String((error as { code?: unknown }).code), message: error.message }),
    );
  }

  async #request(hosted: Hosted, command: WithNode<NodeCommand, "request">): Promise<unknown> {
    const controller = new AbortController();
    const { tag } = command;
    if (tag !== undefined) hosted.requests.set(tag, controller);
    try {
      const answer = await hosted.node.request(target(command.to), readValue(command.data), {
        type: command.type,
        signal: controller.signal,
      });
      return writeValue(answer.data);
    } catch (error) {
      if (!(error instanceof BaseError) || error.code !== "refused") throw error;
      throw new CommandError(error.remoteCode ?? "", error.remoteMessage ?? "");
    } finally {
      if (tag !== undefined) hosted.requests.delete(tag);
    }
  }
}

/** Whether it is no limit of the node itself. */
function isLimitElsewhere(options: NodeOptions, name: string): boolean {
  if (isLetterLimit(options, name)) return true;
  return isMeshLimit(name) || isTableLimit(name) || isSecurityLimit(name) || isChordLimit(name);
}

/** The node itself refuses limits that it does not know. */
function nodeOptions(options: NodeOptions, clock: ManualClock | undefined): BaseNodeOptions {
  const { network, listen = ["tcp://127.0.0.1:0"], codecs, compressAboveBytes, needs, refuses } = options;
  return {
    network,
    listen,
    limits: limitsOf(options, (limit) => !isLimitElsewhere(options, limit)),
    ...securityOf(options),
    ...(codecs === undefined ? {} : { codecs }),
    ...(compressAboveBytes === undefined ? {} : { compressAboveBytes }),
    ...(needs === undefined ? {} : { needs }),
    ...(refuses === undefined ? {} : { accept: () => refuses }),
    ...(clock === undefined ? {} : { clock }),
  };
}

function meshOf(hosted: Hosted): HostedMesh {
  if (!hosted.mesh) throw new CommandError("unsupported", "the node was not opened as a mesh");
  return hosted.mesh;
}

function tableOf(hosted: Hosted): HostedTable {
  if (!hosted.table) throw new CommandError("unsupported", "the node was not opened as a table");
  return hosted.table;
}

function target(to: string): string {
  return to.includes("://") ? to : parseNodeId(to);
}

function type(command: { readonly type?: string }): { readonly type?: string } {
  return command.type === undefined ? {} : { type: command.type };
}

function clockOf(hosted: Hosted): ManualClock {
  if (!hosted.clock) throw new CommandError("no-clock", "the node was not opened with a manual clock");
  return hosted.clock;
}
