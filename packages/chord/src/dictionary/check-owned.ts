// What an answer about an owned key is worth: nothing, unless the owner signed what it tells. So one holder that does not lie is
// enough. [CHORD-278] [CHORD-284]
import { compareOwnedWrites } from "../store/owned-write.js";
import { ownedWrite, type Write } from "../store/record.js";
import { bad } from "../store/record-codec.js";
import { compareVersions } from "../store/version.js";
import type { Answer, WalkedKey } from "./answers.js";
import type { OwnedKeys } from "./owned-keys.js";
import type { Question } from "./questions.js";

/**
 * Checks an answer before it counts.
 * @returns whether the question was about an owned key, whose versions are no times
 * @throws ChordError `bad-message` for an answer that is worth nothing
 */
export function checkOwned(
  owned: OwnedKeys,
  node: Write["version"]["origin"],
  question: Question,
  answer: Answer,
): boolean {
  if (answer.kind === "keys") {
    for (const each of answer.keys) checkWalked(owned, node, each);
    return false;
  }
  if (question.kind !== "get" && question.kind !== "put") return false;
  const { key } = question;
  if (owned.ownerOf(key) === undefined) {
    if (answer.kind === "has" && answer.write?.proof !== undefined)
      throw bad("a write", "without a proof: nobody owns its key");
    return false;
  }
  // There are no holders of an owned key who would have to agree.
  if (answer.kind === "atomic") throw bad("the answer for an owned key", "one that there is");
  if (answer.kind !== "has" && answer.kind !== "stale") return true;
  const { write } = answer;
  if (write === undefined) {
    if (answer.kind === "stale") throw bad("a stale owned key", "told with what is newer");
    return true;
  }
  if (!owned.isGenuine(node, key, write)) throw bad("a write of an owned key", "its owner's");
  if (answer.kind === "stale" && compareVersions(answer.newest, write.version) !== 0) {
    throw bad("the version of what is newer", "its own");
  }
  // Who holds nothing later could have taken it; were it believed, a single liar would keep the owner from writing.
  if (question.kind === "put" && compareOwnedWrites(write, question.write) <= 0) throw bad("what is newer", "newer");
  return true;
}

function checkWalked(owned: OwnedKeys, node: Write["version"]["origin"], { key, value, owned: told }: WalkedKey): void {
  const owner = owned.ownerOf(key);
  if (owner === undefined || value === undefined) return;
  const write = told && ownedWrite({ timeUs: told.sequence, origin: owner }, value, told.proof);
  if (write === undefined || !owned.isGenuine(node, key, write)) throw bad("a value of an owned key", "its owner's");
}
