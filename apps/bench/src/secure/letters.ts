// What a process that measures sealed messages has to be able to do, and what it tells.

/** Sealing and opening of one payload by one library. */
export interface Sealing {
  /** @param readers how many can open it @returns what is carried */
  seal(readers: number): Promise<unknown> | unknown;
  /** Opens, as the first of the readers, what was sealed. @throws when it does not open */
  open(sealed: unknown): Promise<void> | void;
}

/** A node that is sent to, a message at a time. */
export interface Posting {
  /** Resolves when so many have arrived. */
  send(count: number): Promise<void>;
  close(): Promise<void>;
}

export const sealedSides = ["@p2p/securenode", "jose JWE"] as const;
export type SealedSide = (typeof sealedSides)[number];

export const postSides = ["letters", "plain messages"] as const;
export type PostSide = (typeof postSides)[number];

export const payloadBytes = 256;
export const readerCounts = [1, 16] as const;

/** Operations a second, by what was done. */
export type LetterReport = { readonly [operation: string]: number };
