import { ShardbridgeError } from "../../errors.ts";

/** A key that attach keeps for itself. */
export interface OwnKey {
  /** As it is written: "ctrl-x". */
  name: string;
  byte: number;
}

/** The key of a name. Throws ShardbridgeError "usage" for one that a terminal can't tell from another key. */
export function ownKey(name: string): OwnKey {
  const letter = /^ctrl-([a-z\\\]^_])$/i.exec(name)?.[1]?.toLowerCase();
  if (letter === undefined || "ijm".includes(letter))
    throw new ShardbridgeError(
      "usage",
      `The detach key is one like ctrl-x or ctrl-\\, not ${name}; ctrl-i, ctrl-j and ctrl-m are Tab and Enter.`,
    );
  return { name: `ctrl-${letter}`, byte: letter.charCodeAt(0) & 0x1f };
}

/** The key before a command: Ctrl-], or Ctrl-\ where that one detaches. */
export function commandKey(detach: OwnKey): OwnKey {
  return ownKey(detach.name === "ctrl-]" ? "ctrl-\\" : "ctrl-]");
}
