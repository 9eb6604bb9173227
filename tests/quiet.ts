import { configureLog } from "../src/log.ts";

/** Log lines are not part of what a test prints; one that is about the log takes them itself. */
configureLog({ write: () => {} });
