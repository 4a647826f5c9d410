// A few driver processes shared by the cases; one that dies is replaced, so that one crash fails one case.
import { DriverProcess } from "./driver-process.js";

export class DriverPool {
  readonly #command: string;
  readonly #size: number;
  readonly #drivers: DriverProcess[] = [];
  #turn = 0;

  constructor(command: string, size: number) {
    this.#command = command;
    this.#size = size;
  }

  /** A live driver that has greeted. */
  async take(): Promise<DriverProcess> {
    const at = this.#turn % this.#size;
    this.#turn += 1;
    let driver = this.#drivers[at];
    if (!driver || driver.hasEnded) {
      driver = new DriverProcess(this.#command);
      this.#drivers[at] = driver;
    }
    await driver.greeting();
    return driver;
  }

  async close(): Promise<void> {
    await Promise.all(this.#drivers.map((driver) => driver.close()));
  }
}
