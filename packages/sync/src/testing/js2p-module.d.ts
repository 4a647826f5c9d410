// The part of js2p 0.7.870 that the tests use: it has no types of its own.
declare module "js2p" {
  interface SyncSocket extends NodeJS.EventEmitter {
    readonly incoming: NodeJS.EventEmitter & { readonly listening: boolean };
    readonly status: string | readonly string[];
    connect(host: string, port: number): boolean | undefined;
    get(key: string): unknown;
    set(key: string, value: unknown): void;
    apply_delta(key: string, fields: object): void;
  }

  export const base: { readonly Protocol: new (subnet: string, encryption: string) => object };
  export const sync: {
    readonly SyncSocket: new (host: string, port: number, protocol: object, leasing: boolean) => SyncSocket;
  };
}
