// The part of js2p 0.7.870 that the benchmark uses: it has no types of its own.
declare module "js2p" {
  import type { EventEmitter } from "node:events";
  import type { Server, Socket } from "node:net";

  interface MeshSocket extends EventEmitter {
    readonly incoming: Server;
    readonly routing_table: Map<unknown, { readonly sock: Socket }>;
    connect(host: string, port: number): boolean | undefined;
    send(packets: readonly Uint8Array[]): void;
    recv(): { readonly packets: readonly unknown[] } | undefined;
  }

  export const mesh: { readonly MeshSocket: new (host: string, port: number) => MeshSocket };
}
