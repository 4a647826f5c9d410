// A process that writes into a table on disk until it is killed, and tells of each write once it was acknowledged.
import { writeSync } from "node:fs";
import { ClassicLevel } from "classic-level";
import { openStore } from "../store/store.js";
import { Sync } from "../sync.js";

const [folder = "", round = "", count = "1"] = process.argv.slice(2);
/** Writes in flight at a time. */
const width = 64;

const store = await openStore(new ClassicLevel(folder));
const sync = new Sync({ network: "killed", store });
await sync.open();

let next = 0;
const writeOn = async (): Promise<void> => {
  while (next < Number(count)) {
    const number = next;
    next += 1;
    // Each key is written again and again, so that late and early versions of it are in the log.
    const key = `${round}/${number % 100}`;
    const { version } = await sync.set(key, number);
    // At once, so that what was told is never more than what was acknowledged.
    writeSync(1, `${key} ${number} ${version.timeUs} ${sync.id}\n`);
  }
};
await Promise.all(Array.from({ length: width }, writeOn));
