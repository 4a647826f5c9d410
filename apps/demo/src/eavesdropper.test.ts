import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, it } from "vitest";
import { Eavesdropper, replacing, turningABit } from "./eavesdropper.js";

it("passes bytes on both ways, counts and finds them, and ends when they do", async () => {
  const server = createServer((socket) => socket.once("data", () => socket.end("and you?"))).listen(0, "127.0.0.1");
  await once(server, "listening");
  const eve = await Eavesdropper.before((server.address() as AddressInfo).port);
  const socket = connect(eve.port, "127.0.0.1").setEncoding("utf8");
  socket.write("who is it");
  const [answer] = await once(socket, "data");
  expect(answer).toBe("and you?");
  expect([eve.sees("who is"), eve.sees("you?"), eve.sees("itand"), eve.bytes]).toEqual([true, true, false, 17]);
  eve.forget();
  expect([eve.sees("who is"), eve.bytes]).toEqual([false, 0]);
  if (!socket.closed) await once(socket, "close");
  await eve.close();
  server.close();
  await once(server, "close");
});

it("alters the first piece that can be, and no other", async () => {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.setEncoding("utf8").on("data", (text: string) => {
      heard.push(text);
      socket.write("go on");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const eve = await Eavesdropper.before((server.address() as AddressInfo).port);
  eve.alter(replacing(Buffer.from("noon"), Buffer.from("five")));
  const socket = connect(eve.port, "127.0.0.1");
  for (const text of ["hello", "at noon", "noon!"]) {
    socket.write(text);
    await once(socket, "data");
  }
  expect(heard).toEqual(["hello", "at five", "noon!"]);
  const closed = once(socket, "close");
  // Ends the socket too: nothing is left behind.
  await eve.close();
  await closed;
  server.close();
  await once(server, "close");
});

it("turns one bit, and replaces bytes by as many", () => {
  expect([...turningABit(Buffer.of(1, 2))]).toEqual([1, 3]);
  expect(() => replacing(Buffer.of(1), Buffer.of(1, 2))).toThrow(RangeError);
});
