/** The text of a desktop notification: OSC 9 (iTerm2), 99 (kitty) or 777 (urxvt); undefined for what is none. */
export function readNotice(ident: number, data: string): string | undefined {
  // ConEmu's progress bar: "4;state;percent".
  if (ident === 9) return /^4(;|$)/.test(data) ? undefined : plain(data);
  if (ident === 99) {
    const at = data.indexOf(";");
    if (at < 0) return undefined;
    const encoded = data.slice(0, at).split(":").includes("e=1");
    const text = data.slice(at + 1);
    return plain(encoded ? Buffer.from(text.slice(0, 4 * maxText), "base64").toString() : text);
  }
  const [kind, ...rest] = data.slice(0, 2 * maxText).split(";");
  return kind === "notify" ? plain(rest.join(": ")) : undefined;
}

/** At most 1,000 characters without control characters, as a string that holds no other one alive. */
export function plain(text: string): string {
  const short = text.slice(0, maxText).replaceAll(/[\0-\x1f\x7f-\x9f]/g, "");
  return Buffer.from(short).toString();
}

const maxText = 1000;
