import { describe, expect, it } from "vitest";
import { slackSpecs, SlackFront } from "../fakes/slack-front.ts";
import { adapterContract } from "./contract.ts";
import { slackFixture } from "./slack-fixture.ts";

if (!slackSpecs)
  console.warn("Slack's method specifications are not beside the project: calls are checked against sizes only.");

describe("Slack", () => {
  let front: SlackFront | undefined;

  adapterContract("Slack", async () => {
    front = await SlackFront.start();
    return slackFixture(front);
  });

  it("is asked only for what it would take", () => {
    expect(front?.calls.length).toBeGreaterThan(20);
    expect(front?.violations).toEqual([]);
  });
});
