import { expect, vi } from "vitest";
import type { Person, ThreadRef } from "../../src/adapters/adapter.ts";
import type { Wake, WakeEvent } from "../../src/orchestrator/orchestrator.ts";
import { ann, textOf } from "../fakes/fake-adapter.ts";
import { TestBot } from "./test-bot.ts";

/** What the model does in the next turn that a person asks for. */
type Move = (actions: Wake["actions"]) => Promise<unknown>;

/** A testBot on which the orchestrator acts: asked by people, and woken. */
export class TestTurns extends TestBot {
  /** A person says something, and the orchestrator does this. Resolves with the thread. */
  async asked(move: Move, by: Person = ann, thread?: ThreadRef): Promise<ThreadRef> {
    const before = this.adapter.opened.length;
    let failure: unknown;
    let over = false;
    this.orchestrator.reply = async ({ actions }) => {
      await move(actions).catch((error: unknown) => {
        failure = error;
      });
      over = true;
      return "Done so far.";
    };
    const said = () => this.adapter.texts().filter((text) => text === "Done so far.").length;
    const answers = said();
    await this.adapter.say("please", thread, { by });
    await vi.waitFor(() => expect(over).toBe(true));
    // What it did is told before that.
    await vi.waitFor(() => expect(said()).toBe(answers + 1));
    if (failure) throw failure;
    return thread ?? this.adapter.opened[before]!.thread;
  }

  /** The orchestrator starts a shard from a new thread. */
  async withShard(name = "auth", prompt = "hang"): Promise<ThreadRef> {
    return this.asked(async (actions) => actions.spawn({ name, prompt }));
  }

  /** The nth wake, from 1, once it is there. */
  async woken(count: number): Promise<Wake> {
    const { woken } = this.orchestrator;
    await vi.waitFor(() => expect(woken.length).toBeGreaterThanOrEqual(count), { timeout: 5000 });
    return woken[count - 1]!;
  }

  /** After these wakes the next one is for something new alone, so nothing else was on its way. */
  async nothingElse(count: number, shard = "auth"): Promise<void> {
    await this.host.deliver(shard, { type: "attention", id: "the last", why: "odd", screen: "?" });
    expect((await this.woken(count + 1)).events.map(({ id }) => id)).toEqual(["the last"]);
  }

  /** Press the button with this label under the last post with this text; resolves with what the person is shown. */
  async pressUnder(text: string, label: string, by: Person = ann): Promise<string> {
    const shown = this.adapter.shown.findLast(({ post }) => textOf(post).includes(text) && "buttons" in post)!;
    const button = "buttons" in shown.post ? shown.post.buttons?.find((one) => one.label === label) : undefined;
    if (!button) throw new Error(`no button ${label}`);
    const { action, value } = button;
    const place = { place: shown.ref.thread, by };
    const { post } = await this.adapter.emit({ type: "action", action, value, post: shown.ref }, place);
    return post ? textOf(post) : "";
  }
}

export const whats = ({ events }: { events: WakeEvent[] }) => events.map(({ what }) => what);
