import { createServer, type AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { DiscordProxy } from "./discord-proxy.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

it("ends with a request under way, whose twin is gone then, and fails nobody", async () => {
  const asked = Promise.withResolvers<void>();
  const twin = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => asked.resolve());
    ends.push(async () => socket.destroy());
  });
  await new Promise<void>((resolve) => twin.listen(0, "127.0.0.1", resolve));
  ends.push(async () => twin.close());
  const proxy = await DiscordProxy.start(`http://127.0.0.1:${(twin.address() as AddressInfo).port}`);
  const request = fetch(`${proxy.url}/v10/users/@me`).catch(() => "cut off");
  await asked.promise;
  await proxy.stop();
  expect(await request).toBe("cut off");
  expect(proxy.violations).toEqual([]);
});

it("takes an acknowledgement however late, but for a bound that a test sets", async () => {
  const proxy = await DiscordProxy.start();
  ends.push(() => proxy.stop());
  const old = "1179300000000000000";
  const code = async () => {
    const body = JSON.stringify({ type: 5, data: { flags: 64 } });
    const headers = { "content-type": "application/json" };
    const url = `${proxy.url}/v10/interactions/${old}/token/callback`;
    const answer = await fetch(url, { method: "POST", headers, body });
    return ((await answer.json()) as { code: number }).code;
  };
  expect(await code()).toBe(0);
  proxy.interactionTime = 3_000;
  expect(await code()).toBe(10062);
});
