import { describe, expect, it } from "vitest";
import { KeyedQueue, SerialQueue } from "../src/serial.ts";

/** Work that ends when it is told to, and notes when it begins. */
function controlledWork() {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const end = (name: string) => {
    const made = ends.get(name) ?? Promise.withResolvers<string>();
    ends.set(name, made);
    return made;
  };
  const work = (name: string) => async () => {
    begun.push(name);
    return end(name).promise;
  };
  return { begun, end, work };
}

describe("a serial queue", () => {
  it("does one thing at a time, in order, and gives each its own result", async () => {
    const { begun, end, work } = controlledWork();
    const queue = new SerialQueue();
    const first = queue.run(work("a"));
    const second = queue.run(work("b"));
    end("b").resolve("B");
    await expect.poll(() => begun).toEqual(["a"]);
    end("a").resolve("A");
    expect(await Promise.all([first, second])).toEqual(["A", "B"]);
    expect(begun).toEqual(["a", "b"]);
  });

  it("goes on after a failure, which only its caller has", async () => {
    const queue = new SerialQueue();
    const failed = queue.run(async () => Promise.reject(new Error("no")));
    const thrown = queue.run(() => {
      throw new Error("at once");
    });
    const after = queue.run(async () => "after");
    await expect(failed).rejects.toThrow("no");
    await expect(thrown).rejects.toThrow("at once");
    expect(await after).toBe("after");
  });

  it("is settled when what was asked for is done, though it has failed", async () => {
    const { end, work } = controlledWork();
    const queue = new SerialQueue();
    const failed = queue.run(work("a"));
    let settled = false;
    const waited = queue.settled().then(() => (settled = true));
    await Promise.resolve();
    expect(settled).toBe(false);
    end("a").reject(new Error("no"));
    await expect(failed).rejects.toThrow("no");
    await waited;
    await new SerialQueue().settled();
  });
});

describe("a keyed queue", () => {
  it("keeps the order of each key, and lets no key wait for another", async () => {
    const { begun, end, work } = controlledWork();
    const queue = new KeyedQueue();
    const all = [queue.run("x", work("x1")), queue.run("x", work("x2")), queue.run("y", work("y1"))];
    await expect.poll(() => begun).toEqual(["x1", "y1"]);
    end("y1").resolve("");
    end("x2").resolve("");
    await expect.poll(() => begun).toEqual(["x1", "y1"]);
    end("x1").resolve("");
    await Promise.all(all);
    expect(begun).toEqual(["x1", "y1", "x2"]);
  });

  it("is idle when all is done, also what came while it was waited for, and after failures", async () => {
    const { end, work } = controlledWork();
    const queue = new KeyedQueue();
    let late: Promise<string> | undefined;
    const first = queue.run("x", work("x1")).finally(() => {
      late = queue.run("y", work("y1"));
    });
    let idle = false;
    const waited = queue.idle().then(() => (idle = true));
    end("x1").reject(new Error("no"));
    await expect(first).rejects.toThrow("no");
    expect(idle).toBe(false);
    end("y1").resolve("late");
    await waited;
    expect(await late).toBe("late");
    await queue.idle();
  });

  it("begins anew with a key that had no work for a while", async () => {
    const queue = new KeyedQueue();
    expect(await queue.run("x", async () => 1)).toBe(1);
    await queue.idle();
    await expect(queue.run("x", async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await queue.run("x", async () => 2)).toBe(2);
  });
});
