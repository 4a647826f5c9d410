// Eve: a TCP proxy in front of a node, who keeps all that goes through her, and can alter it on its way.
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What becomes of a piece of what the dialling side sends; undefined leaves it as it is. */
export type Alteration = (piece: Buffer) => Buffer | undefined;

export class Eavesdropper {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What went through, by the socket that it came from. */
  readonly #kept = new Map<Socket, Buffer[]>();
  #alteration: Alteration | undefined;

  private constructor(port: number) {
    this.#server = createServer((inbound) => this.#relay(inbound, connect(port, "127.0.0.1")));
  }

  /** Listens on a free port of 127.0.0.1. @param port where she passes on what comes: on the same machine */
  static async before(port: number): Promise<Eavesdropper> {
    const eve = new Eavesdropper(port);
    await new Promise<void>((resolve, reject) => {
      eve.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    return eve;
  }

  get port(): number {
    // Of a TCP server, which listens, it is no text and not null.
    return (this.#server.address() as AddressInfo).port;
  }

  /** All that went through, both ways, since `forget`. */
  get bytes(): number {
    return [...this.#kept.values()].flat().reduce((sum, { length }) => sum + length, 0);
  }

  /** Whether the text went through, in one direction or the other. */
  sees(wanted: string): boolean {
    return [...this.#kept.values()].some((pieces) => Buffer.concat(pieces).includes(wanted));
  }

  forget(): void {
    this.#kept.clear();
  }

  /** Tries the alteration on what comes, until it gives something. */
  alter(alteration: Alteration): void {
    this.#alteration = alteration;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(inbound: Socket, outbound: Socket): void {
    const pass = (from: Socket, to: Socket, altered: (piece: Buffer) => Buffer): void => {
      this.#sockets.add(from);
      from.on("data", (piece: Buffer) => {
        this.#kept.set(from, [...(this.#kept.get(from) ?? []), piece]);
        to.write(altered(piece));
      });
      from.on("end", () => to.end());
      // One end is lost: so is the other.
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    };
    pass(inbound, outbound, (piece) => this.#altered(piece));
    pass(outbound, inbound, (piece) => piece);
  }

  #altered(piece: Buffer): Buffer {
    const altered = this.#alteration?.(piece);
    if (altered !== undefined) this.#alteration = undefined;
    return altered ?? piece;
  }
}

/** Puts bytes in the place of others, as long as those. */
export function replacing(wanted: Uint8Array, given: Uint8Array): Alteration {
  if (wanted.length !== given.length) throw new RangeError(`${given.length} bytes in the place of ${wanted.length}`);
  return (piece) => {
    const at = piece.indexOf(wanted);
    return at < 0 ? undefined : Buffer.concat([piece.subarray(0, at), given, piece.subarray(at + given.length)]);
  };
}

/** Turns the last bit of the last byte. */
export function turningABit(piece: Buffer): Buffer {
  const turned = Buffer.from(piece);
  turned.writeUInt8((turned.at(-1) ?? 0) ^ 1, turned.length - 1);
  return turned;
}
