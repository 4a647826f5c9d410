// A key that belongs to an identity for good, in a table of two nodes: who writes it, who cannot, and who can check it.
import { Identity, noise, verifyOwned } from "@p2p/securenode";
import { Sync, SyncError } from "@p2p/sync";
import type { Claims } from "./claims.js";
import type { Narrator } from "./narrator.js";

/** What this part needs. */
export interface OwnedStage {
  readonly narrator: Narrator;
  readonly claims: Claims;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

const network = "demo owned keys";
const phone = { phone: 7 };

/** Tells it to its end; what turns out otherwise is noted in the claims. */
export async function tellOfOwnedKeys({ narrator, claims, signal }: OwnedStage): Promise<void> {
  const claim = (sentence: string, holds: boolean): void => narrator.outcome(sentence, claims.note(sentence, holds));
  narrator.chapter(
    "Ada has a key of her own",
    'Two tables with security: noise({ identity }). Ada writes sync.owned("desk"), which holds her id, and signs it.',
  );
  const security = (): ReturnType<typeof noise> => noise({ identity: Identity.generate() });
  const ada = new Sync({ network, listen: ["tcp://127.0.0.1:0"], security: security() });
  await ada.open();
  const bob = new Sync({ network, bootstrap: ada.addresses, security: security() });
  try {
    const key = ada.owned("desk");
    await ada.set(key, phone, { signal });
    await bob.open();
    await bob.ready({ signal });
    claim("Bob reads it: { phone: 7 }", JSON.stringify(bob.get(key)) === JSON.stringify(phone));
    claim("Bob writes it, and is refused: not-owner", (await refusal(bob.set(key, "Bob's"))) === "not-owner");
    const record = bob.proof(key);
    claim(
      "Bob shows it to Eve, who is in no network: Ada vouches for it",
      record !== undefined && verifyOwned(record, { network }) === ada.id,
    );
    claim(
      "Bob shows Eve another value as Ada's: nobody vouches for it",
      record !== undefined && verifyOwned({ ...record, value: { phone: 8 } }, { network }) === undefined,
    );
  } finally {
    await Promise.all([bob.close(), ada.close()]);
  }
}

/** The code for which a write was refused. */
async function refusal(write: Promise<unknown>): Promise<string> {
  try {
    await write;
    return "not at all";
  } catch (error) {
    if (error instanceof SyncError) return error.code;
    throw error;
  }
}
