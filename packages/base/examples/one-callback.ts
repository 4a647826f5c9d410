// One function hears everything that happens at a node: run it with `node packages/base/examples/one-callback.ts`.
import { Node, type NodeEvents } from "@p2p/base";

const network = "example-one-callback";

function hear(who: string) {
  return <Name extends keyof NodeEvents>(event: Name, ...[subject]: NodeEvents[Name]): void => {
    switch (event) {
      case "message":
        // The event's name tells the type of its subject, which the compiler cannot follow through the generic.
        console.log(`${who}: message ${JSON.stringify((subject as NodeEvents["message"][0]).data)}`);
        break;
      default:
        console.log(`${who}: ${event}`);
    }
  };
}

await using ann = new Node({ network, listen: ["tcp://127.0.0.1:0"], onEvent: hear("ann") });
await using bob = new Node({ network, listen: ["tcp://127.0.0.1:0"], onEvent: hear("bob") });
await ann.open();
await bob.open();

const heard = new Promise((resolve) => ann.once("message", resolve));
const connection = await bob.dial(ann.addresses[0] ?? "");
await bob.send(connection, { text: "hello", at: [1, 2, 3] });
await heard;
