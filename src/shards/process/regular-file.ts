import {
  closeSync,
  constants,
  createWriteStream,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { ShardbridgeError } from "../../errors.ts";

type Found = Pick<
  Awaited<ReturnType<typeof lstat>>,
  "isFile" | "isSymbolicLink" | "isFIFO" | "isDirectory" | "isSocket"
>;

/** A pipe is not waited for, a link is not followed, and a terminal does not become ours. */
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
const carefully = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

/**
 * Open a file that an agent or a repo may have put there, for reading. No link below `folder` is followed; the folder itself may be reached
 * by links. Rejects with ShardbridgeError "refused" for anything but a regular file, as `open` does for what is not there.
 * @param path relative to the folder
 */
export async function openBelow(folder: string, path: string): Promise<FileHandle> {
  if (!isWithin(path)) throw new ShardbridgeError("refused", `${path} leads out of ${folder}.`);
  const place = join(await realpath(folder), path);
  requireRegular(place, await lstat(place));
  const file = await open(place, carefully);
  try {
    const opened = await file.stat({ bigint: true });
    requireRegular(place, opened);
    // It is one file's only path: a link above it would make another one of it.
    const there = (await realpath(place)) === place ? await lstat(place, { bigint: true }) : undefined;
    if (there?.ino !== opened.ino || there.dev !== opened.dev) throw crooked(place, "behind a symbolic link");
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The first bytes of such a file, at most `most`; undefined where there is none. Rejects as `openBelow` for what is no regular file. */
export async function readBelow(folder: string, path: string, most: number): Promise<Buffer | undefined> {
  const file = await openBelow(folder, path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, most));
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}

/** Write all of an open file to a new one, which must not be there yet, with the same right to be run; the open one is closed. */
export async function copyInto(file: FileHandle, target: string): Promise<void> {
  const { mode } = await file.stat();
  await pipeline(file.createReadStream(), createWriteStream(target, { flags: "wx", mode: mode & 0o777 }));
}

/** The text of a file that is no link and no pipe, at most `most` bytes; undefined where there is none. Throws "refused" for anything else. */
export function readRegular(path: string, most = 64_000_000): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  requireRegular(path, found);
  const descriptor = openSync(path, carefully);
  try {
    const opened = fstatSync(descriptor);
    requireRegular(path, opened);
    const buffer = Buffer.alloc(Math.min(opened.size, most));
    let length = 0;
    while (length < buffer.length) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return buffer.toString("utf8", 0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Put a new file of ours (mode 0600) in the place of whatever is there, be it a link or a pipe. */
export function replaceFile(path: string, content: string): void {
  const fresh = `${path}.${process.pid}.new`;
  writeFileSync(fresh, content, { mode: 0o600, flag: "wx" });
  renameSync(fresh, path);
}

/** Add to the end of a file of ours (mode 0600), which takes the place of whatever else is there. */
export function appendToFile(path: string, data: Uint8Array): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) rmSync(path, { recursive: true });
  const { O_WRONLY, O_APPEND, O_CREAT } = constants;
  const descriptor = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    requireRegular(path, fstatSync(descriptor));
    writeFileSync(descriptor, data);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a relative path stays in its folder. */
function isWithin(path: string): boolean {
  return path !== "" && !isAbsolute(path) && !path.split(sep).includes("..");
}

/** A path as seen from a folder that it is in; undefined for one that is elsewhere. */
export function pathBelow(folder: string, path: string): string | undefined {
  const found = relative(folder, path);
  return isAbsolute(path) && isWithin(found) ? found : undefined;
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function requireRegular(path: string, found: Found): void {
  if (found.isFile()) return;
  if (found.isSymbolicLink()) throw crooked(path, "a symbolic link");
  if (found.isFIFO()) throw crooked(path, "a named pipe");
  if (found.isDirectory()) throw crooked(path, "a folder");
  throw crooked(path, found.isSocket() ? "a socket" : "a device");
}

function crooked(path: string, what: string): ShardbridgeError {
  return new ShardbridgeError("refused", `${path} is ${what}, and no regular file: it is left alone.`);
}
