import { expect, test } from "vitest";
import { DriverError, DriverProcess } from "./driver-process.js";
import type { Report } from "./protocol.js";

const script = (body: string): string => `"${process.execPath}" -e '${body}'`;
const greeting = `console.log(JSON.stringify({driver:1,implementation:"x",supports:["codec"]}));`;
const answering = `require("readline").createInterface({input:process.stdin}).on("line", l => { const c = JSON.parse(l);
  if (c.do === "peers") { console.log(JSON.stringify({report:"error",node:c.node,code:"c",message:"m"})); console.log(JSON.stringify({id:c.id,ok:[1]})); }
  else if (c.do === "close") process.exit(3);
  else console.log(JSON.stringify({id:c.id,error:{code:"unsupported",message:c.do,reasonCode:5}})); });`;

test("a driver greets, answers, refuses, reports and ends", async () => {
  const driver = new DriverProcess(script(greeting + answering));
  expect(await driver.greeting()).toMatchObject({ implementation: "x", supports: ["codec"] });
  const reports: Report[] = [];
  driver.listen("n", (report) => reports.push(report));
  expect(await driver.call({ do: "peers", node: "n" })).toEqual([1]);
  expect(reports).toEqual([{ report: "error", node: "n", code: "c", message: "m" }]);
  await expect(driver.call({ do: "dial", node: "n", address: "a" })).rejects.toMatchObject({
    code: "unsupported",
    reasonCode: 5,
  });
  await expect(driver.call({ do: "close", node: "n" })).rejects.toMatchObject({ code: "driver-ended" });
  expect(driver.hasEnded).toBe(true);
  await expect(driver.call({ do: "peers", node: "n" })).rejects.toThrow(DriverError);
  await driver.close();
});

test("a command that is no driver fails with what it said", async () => {
  const driver = new DriverProcess(script(`console.error("no module"); process.exit(1);`));
  await expect(driver.greeting()).rejects.toThrow(/no module/);
  await driver.close();
});
