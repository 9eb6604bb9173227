import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { captureConsole } from "./console.ts";
import { draw, threadPage } from "./page.ts";
import { captureThread } from "./thread.ts";

/*
 * The pictures of the README, made anew: real posts of the real program in a Slack on loopback, and a real session at its console, with
 * Claude Code, whose model is played. Takes Debian's chromium. Folder: the first argument, or docs/pictures. They are narrow, so that
 * they can be read on a phone, too.
 */
const { argv } = process;
const [, , folder = join(import.meta.dirname, "../../docs/pictures")] = argv;
mkdirSync(folder, { recursive: true });

const { posts, bot, person } = await captureThread();
// How the thread was attached stands before.
const told = posts.slice(posts.findIndex(({ text = "" }) => text.startsWith("The login test")));
draw(threadPage(told, { [person]: "Ann" }, bot), join(folder, "thread.png"), 580);
draw(await captureConsole(), join(folder, "console.png"), 640);
