// Gets while members come and crash all the time, of whole nodes in virtual time. [USENIX 2004, Bamboo]
import { Chord } from "@p2p/chord";
import { type NodeSeams, type SimulatedNode, World } from "@p2p/simulator";

export interface Churn {
  /** Median session, in ms. */
  readonly sessionMs: number;
  readonly crashes: number;
  readonly gets: number;
  /** Those that found what had been set. */
  readonly right: number;
  /** Of those, how long each took, in virtual ms, in order of size. */
  readonly tookMs: readonly number[];
}

export interface ChurnOptions {
  readonly members: number;
  readonly values: number;
  readonly sessionsMs: readonly number[];
  /** How long they come and go, in virtual ms. */
  readonly durationMs: number;
  /** Between two gets, in virtual ms. */
  readonly everyMs: number;
  readonly seed: number;
}

type Member = SimulatedNode<Chord>;

const apartMs = 40;
const settleMs = 30_000;

export async function churns(options: ChurnOptions): Promise<readonly Churn[]> {
  const found: Churn[] = [];
  for (const sessionMs of options.sessionsMs) found.push(await new ChurnedRing(options, sessionMs).run());
  return found;
}

class ChurnedRing {
  readonly #options: ChurnOptions;
  readonly #sessionMs: number;
  readonly #world: World;
  #members: Member[] = [];
  #started = 0;
  #crashes = 0;
  #right = 0;
  #gets = 0;
  readonly #tookMs: number[] = [];
  /** Gets under way, of each member: of one that crashes they never end, and are nobody's failure. */
  readonly #reading = new Map<Member, Set<() => void>>();

  constructor(options: ChurnOptions, sessionMs: number) {
    this.#options = options;
    this.#sessionMs = sessionMs;
    this.#world = new World({ seed: options.seed, conditions: { latency: { minMs: 20, maxMs: 80 } }, trace: "off" });
  }

  async run(): Promise<Churn> {
    const { members, values, durationMs, everyMs } = this.#options;
    const { random } = this.#world;
    for (let index = 0; index < members; index++) {
      await this.#join();
      await this.#world.runFor(apartMs);
    }
    await this.#world.runUntil(() => this.#live.length === members);
    await this.#world.runFor(settleMs);
    const keys = Array.from({ length: values }, (_, number) => `key ${number}`);
    await this.#world.run(Promise.all(keys.map((key) => random.pick(this.#live).value.set(key, key))));
    const endMs = this.#world.nowMs + durationMs;
    for (const member of this.#members) this.#endSession(member, endMs);
    const gets: Promise<void>[] = [];
    while (this.#world.nowMs < endMs) {
      gets.push(this.#get(random.pick(this.#live), random.pick(keys)));
      await this.#world.runFor(everyMs);
    }
    await this.#world.run(Promise.all(gets));
    const tookMs = this.#tookMs.sort((a, b) => a - b);
    return { sessionMs: this.#sessionMs, crashes: this.#crashes, gets: this.#gets, right: this.#right, tookMs };
  }

  get #live(): readonly Member[] {
    return this.#members.filter((node) => node.isReady && node.value.role === "member");
  }

  async #join(): Promise<Member> {
    const up = this.#members.filter((node) => node.isReady);
    const bootstrap = up.length === 0 ? [] : [this.#world.random.pick(up).address];
    const open = async ({ address, clock, random, transports }: NodeSeams): Promise<Chord> => {
      const chord = new Chord({ network: "churn", listen: [address], bootstrap, clock, random, transports });
      await chord.open();
      return chord;
    };
    const member = await this.#world.start(`n${this.#started++}`, open);
    this.#members.push(member);
    return member;
  }

  /** Has a member crash after a session of random length, and another one come in its place. */
  #endSession(member: Member, endMs: number): void {
    const { random } = this.#world;
    const lengthMs = (-Math.log(1 - random.float()) * this.#sessionMs) / Math.LN2;
    this.#world.after(lengthMs, "session", () => {
      if (this.#world.nowMs > endMs) return;
      member.crash();
      this.#members = this.#members.filter((each) => each !== member);
      for (const end of this.#reading.get(member) ?? []) end();
      this.#crashes += 1;
      void this.#join().then((next) => this.#endSession(next, endMs));
    });
  }

  #get(reader: Member, key: string): Promise<void> {
    const beganMs = this.#world.nowMs;
    const reading = this.#reading.get(reader) ?? new Set();
    this.#reading.set(reader, reading);
    return new Promise((resolve) => {
      reading.add(resolve);
      const end = (isRight: boolean): void => {
        // One whose reader crashed is not counted.
        if (!reading.delete(resolve) || !this.#members.includes(reader)) return;
        this.#gets += 1;
        if (isRight) {
          this.#right += 1;
          this.#tookMs.push(this.#world.nowMs - beganMs);
        }
        resolve();
      };
      reader.value.get(key).then(
        (value) => end(value === key),
        () => end(false),
      );
    });
  }
}
