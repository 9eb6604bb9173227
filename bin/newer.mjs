// What the bundle has instead where Node 22 is older than the language. Each is the machine's own where there is one.

/** https://tc39.es/proposal-explicit-resource-management: ends what was opened, last first, and tells of every failure. */
class Stack {
  #ends = [];

  use(resource) {
    if (resource) this.defer(() => (resource[Symbol.asyncDispose] ?? resource[Symbol.dispose]).call(resource));
    return resource;
  }

  adopt(value, end) {
    this.defer(() => end(value));
    return value;
  }

  defer(end) {
    this.#ends.push(end);
  }

  async disposeAsync() {
    const failures = [];
    for (let end = this.#ends.pop(); end; end = this.#ends.pop()) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join("; "));
  }

  [Symbol.asyncDispose]() {
    return this.disposeAsync();
  }
}

export const AsyncDisposableStack = globalThis.AsyncDisposableStack ?? Stack;

/** `Promise.try`. */
export async function promiseTry(run, ...args) {
  return run(...args);
}

/** `RegExp.escape`, for words: what has a meaning in an expression gets a backslash. */
export function escapeForRegExp(text) {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`);
}
