import type { Answer, Ask, Wake } from "./orchestrator.ts";

/** The same function, with one turn at a time in each thread. */
export function inTurn(turn: (request: Ask | Wake) => Promise<Answer>): (request: Ask | Wake) => Promise<Answer> {
  const underWay = new Map<string, Promise<unknown>>();
  return async (request) => {
    const before = underWay.get(request.thread);
    const run = Promise.resolve(before).then(
      () => turn(request),
      () => turn(request),
    );
    underWay.set(request.thread, run);
    try {
      return await run;
    } finally {
      if (underWay.get(request.thread) === run) underWay.delete(request.thread);
    }
  };
}
