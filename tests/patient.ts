import { vi } from "vitest";

/** Vitest lets `expect.poll` wait longer in its configuration, but `vi.waitFor` only call by call: its second is short on a busy machine. */
const { waitFor } = vi;
vi.waitFor = async (check, options) =>
  waitFor(check, { timeout: 20_000, ...(typeof options === "number" ? { timeout: options } : options) });
