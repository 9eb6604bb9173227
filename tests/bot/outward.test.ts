import { expect, it } from "vitest";
import { goesOutside } from "../../src/bot/orchestration/wakes/outward.ts";

it.each([
  "git push",
  "Run `git -c x.y=z push origin HEAD` when the tests pass",
  "Rebase onto main and push your branch.",
  "Commit and push",
  "Now push it.",
  "gh pr create --fill",
  "Open a pull request for this",
  "npm publish --access public",
  "Deploy it to staging",
])("sees that this goes outside: %s", (prompt) => expect(goesOutside(prompt)).toBe(true));

it.each([
  "Rebase onto main and run the tests.",
  "Add push notifications to the settings page",
  "Fix Array.push in src/list.ts",
  "Commit, but don't push the branch.",
  "Do not push anything to origin. Run the tests.",
  "Review the pull request template",
  "Write the deploy script's tests",
])("lets this through: %s", (prompt) => expect(goesOutside(prompt)).toBe(false));
