/** The mask that this process was started with; undefined as long as it still has that. */
let users: number | undefined;

/** Whatever this process makes from here on is for its owner alone. What it runs for the user keeps the user's own mask: see `withUsersUmask`. */
export function closeUmask(): void {
  users = process.umask(0o077);
}

/** Start a program of the user's with the user's own umask: what it makes is for whom they want it. `start` must fork before it returns. */
export function withUsersUmask<T>(start: () => T): T {
  if (users === undefined) return start();
  const ours = process.umask(users);
  try {
    return start();
  } finally {
    process.umask(ours);
  }
}
