// A machine of the simulated network: what belongs to it, and dies with it.
import type { Channel } from "@p2p/base";
import type { Life } from "./event-queue.js";

/** A channel as its machine sees it. */
export interface HostedChannel {
  readonly peerHost: string;
  /** The process is gone: nothing is told to it any more. The peer is sent a reset, or nothing. */
  kill(isSilent: boolean): void;
  /** The connection is lost here: the owner sees a reset. The peer hears nothing of it. */
  lose(): void;
  /** How fast the machine reads has changed. */
  readAnew(): void;
}

/** A run of the node from start to crash. */
export class Incarnation implements Life {
  isOver = false;
  /** Reasons for which it stands still. */
  #pauses = 0;
  #pausedSinceUs = 0;
  #pausedUs = 0;

  get isPaused(): boolean {
    return this.#pauses > 0;
  }

  pause(nowUs: number): void {
    if (this.#pauses++ === 0) this.#pausedSinceUs = nowUs;
  }

  /** Ends one pause. @returns whether it goes on now */
  resume(nowUs: number): boolean {
    if (--this.#pauses > 0) return false;
    this.#pausedUs += nowUs - this.#pausedSinceUs;
    return true;
  }

  /** For how long it stood still so far. */
  pausedUs(nowUs: number): number {
    return this.#pausedUs + (this.isPaused ? nowUs - this.#pausedSinceUs : 0);
  }
}

export class Host {
  readonly name: string;
  /** False while the machine is without power: nothing answers. */
  hasPower = true;
  life: Incarnation = new Incarnation();
  readonly channels: Set<HostedChannel> = new Set();
  readonly listeners: Map<string, (channel: Channel) => void> = new Map();
  /** A slow reader takes no more than this from its channels. */
  readBytesPerSecond: number = Number.POSITIVE_INFINITY;
  /** When it may read again. */
  readFreeUs = 0;
  #lastPort = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** A port that no listener has and no recent channel had. */
  freePort(isFree: (port: number) => boolean): number {
    do this.#lastPort = (this.#lastPort % 65_535) + 1;
    while (!isFree(this.#lastPort));
    return this.#lastPort;
  }

  /** Lets it read no faster than this from now on. */
  limitReading(bytesPerSecond: number): void {
    this.readBytesPerSecond = bytesPerSecond;
    this.readFreeUs = 0;
    for (const channel of this.channels) channel.readAnew();
  }

  /** Ends the process; with the power, its peers hear nothing of it. */
  stop(isPowerLost: boolean): void {
    this.life.isOver = true;
    this.hasPower = !isPowerLost;
    this.listeners.clear();
    for (const channel of [...this.channels]) channel.kill(isPowerLost);
    this.channels.clear();
  }

  /** Begins a new run. */
  begin(): Incarnation {
    this.hasPower = true;
    this.life = new Incarnation();
    this.readFreeUs = 0;
    return this.life;
  }
}
