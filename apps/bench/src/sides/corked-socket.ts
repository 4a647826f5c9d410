// Length-framed messages on a bare socket, collected in slabs and written once a turn.
import type { Socket } from "node:net";

const headerBytes = 4;
const slabBytes = 64 * 1024;

/** Cuts a byte stream into messages; zero-copy where a message lies in one chunk. */
export function framesOf(onMessage: (payload: Uint8Array) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let have = 0;
  let need = headerBytes;
  return (chunk) => {
    parts.push(chunk);
    have += chunk.length;
    if (have < need) return;
    let buffer = parts.length === 1 ? chunk : Buffer.concat(parts);
    let offset = 0;
    need = headerBytes;
    while (buffer.length - offset >= headerBytes) {
      const end = offset + headerBytes + buffer.readUInt32BE(offset);
      if (end > buffer.length) {
        need = end - offset;
        break;
      }
      onMessage(buffer.subarray(offset + headerBytes, end));
      offset = end;
    }
    buffer = buffer.subarray(offset);
    parts = buffer.length > 0 ? [buffer] : [];
    have = buffer.length;
  };
}

/** Collects frames and writes them once a turn, or a slab at a time. */
export class CorkedSocket {
  #slab: Buffer = Buffer.allocUnsafeSlow(slabBytes);
  #start = 0;
  #end = 0;
  #isScheduled = false;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  send(payload: Uint8Array): boolean {
    const size = headerBytes + payload.length;
    if (this.#end + size > slabBytes) this.#nextSlab(size);
    if (size > slabBytes) return this.#sendLarge(payload);
    this.#slab.writeUInt32BE(payload.length, this.#end);
    this.#slab.set(payload, this.#end + headerBytes);
    this.#end += size;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => {
        this.#isScheduled = false;
        this.#flush();
      });
    }
    return !this.socket.writableNeedDrain;
  }

  /** A copy, as the socket may hold the bytes for a while, and the sender goes on using its own. */
  #sendLarge(payload: Uint8Array): boolean {
    const frame = Buffer.allocUnsafeSlow(headerBytes + payload.length);
    frame.writeUInt32BE(payload.length);
    frame.set(payload, headerBytes);
    this.socket.write(frame);
    return !this.socket.writableNeedDrain;
  }

  #nextSlab(size: number): void {
    this.#flush();
    if (size > slabBytes) return;
    this.#slab = Buffer.allocUnsafeSlow(slabBytes);
    this.#start = 0;
    this.#end = 0;
  }

  #flush(): void {
    if (this.#end === this.#start) return;
    this.socket.write(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
