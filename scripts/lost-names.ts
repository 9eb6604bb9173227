/** A test: its full name, and the file that it is in. */
export interface Named {
  name: string;
  file: string;
}

/**
 * The tests of `before` that are not in `now`. A test is known by its name, wherever its file is now; where several have the same name, as
 * many as there were have to be there.
 */
export function lost(before: readonly Named[], now: readonly Named[]): Named[] {
  const there = new Map<string, number>();
  for (const { name } of now) there.set(name, (there.get(name) ?? 0) + 1);
  return before.filter(({ name }) => {
    const count = there.get(name) ?? 0;
    there.set(name, count - 1);
    return count <= 0;
  });
}

/** Whether a test is named after one of these files, as "imports only what its folder may" of each is; paths end where a name has no letter. */
export function namedAfter({ name }: Named, files: readonly string[]): boolean {
  return files.some((file) => name.split(/[^\w./-]/).includes(file));
}
