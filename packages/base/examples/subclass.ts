// A class of its own with methods to override, in the style of p2pnetwork: `node packages/base/examples/subclass.ts`.
import { type Connection, type Message, Node, type NodeOptions } from "@p2p/base";

const network = "example-subclass";

class Room extends Node {
  readonly #who: string;

  constructor(who: string, options: NodeOptions) {
    super(options);
    this.#who = who;
    this.on("inboundConnected", (connection) => this.welcome(connection));
    this.on("message", (message) => this.read(message));
    this.handle("who", () => this.#who);
  }

  async welcome(connection: Connection): Promise<void> {
    await this.send(connection, `welcome to ${this.#who}'s room`);
  }

  read(message: Message): void {
    console.log(`${this.#who} reads: ${message.data}`);
  }
}

class LoudRoom extends Room {
  override read(message: Message): void {
    super.read({ ...message, data: String(message.data).toUpperCase(), type: message.type, from: message.from });
  }
}

await using ann = new Room("ann", { network, listen: ["tcp://127.0.0.1:0"] });
await using bob = new LoudRoom("bob", { network });
await ann.open();
await bob.open();

const welcomed = new Promise((resolve) => bob.once("message", resolve));
const connection = await bob.dial(ann.addresses[0] ?? "");
await welcomed;
const answer = await bob.request(connection, null, { type: "who" });
console.log(`bob asked who is there: ${answer.data}`);
