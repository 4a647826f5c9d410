// A request is answered, refused or passed on to a node that answers in another's place: `node packages/base/examples/bounce.ts`.
import { BaseError, Node } from "@p2p/base";

const open = async (): Promise<Node> => {
  const node = new Node({ network: "example-bounce", listen: ["tcp://127.0.0.1:0"] });
  await node.open();
  return node;
};

await using client = await open();
await using desk = await open();
await using expert = await open();

await desk.dial(expert.addresses[0] ?? "");
desk.handle("question", async (message, context) => {
  if (message.data === "what time is it?") return "noon";
  if (message.data === "may I come in?") return context.refuse("closed", "come back tomorrow");
  return context.forward(expert.id);
});
expert.handle("question", (message) => `the answer to "${message.data}" is 42`);

const connection = await client.dial(desk.addresses[0] ?? "");
for (const question of ["what time is it?", "may I come in?", "what is it all about?"]) {
  try {
    const answer = await client.request(connection, question, { type: "question", timeoutMs: 5_000 });
    const who = answer.from === expert.id ? "the expert" : "the desk";
    console.log(`${question} ${who} says: ${answer.data}`);
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    console.log(`${question} refused (${error.remoteCode}): ${error.remoteMessage}`);
  }
}
