/** The part of js2p 0.7.870 that the wire benchmark uses: it has no types of its own. */
declare module "js2p" {
  interface InternalMessage {
    /** The whole frame. */
    readonly string: Buffer;
    readonly packets: readonly unknown[];
  }

  export const base: {
    readonly InternalMessage: {
      new (type: number, sender: string, payload: readonly unknown[]): InternalMessage;
      feed_string(frame: Buffer, isSizeless: boolean, compressions: readonly number[]): InternalMessage;
    };
  };
}
