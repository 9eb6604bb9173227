/** What the adapter needs to know, read from the environment by `platform.ts`. */
export interface SlackSettings {
  /** xoxb-… */
  botToken: string;
  /** Over a socket with this app-level token, or as signed HTTP requests on a port of 127.0.0.1. */
  receive: { by: "socket"; appToken: string } | { by: "http"; signingSecret: string; port: number };
  /** Base address of the Web API, with a slash at its end. */
  apiUrl: string;
}

/** Deadlines in milliseconds. */
export interface Deadlines {
  /** The whole start: the contract allows 15 seconds. */
  start: number;
  /** One Web API call. The Web API's own default is to wait for ever. */
  call: number;
  /** A look-up of a person: an event has to be acknowledged within 3 seconds. */
  person: number;
  /** The first pause before another try to connect, and the longest. */
  pause: [first: number, longest: number];
}

export const deadlines: Deadlines = { start: 14_000, call: 10_000, person: 1_500, pause: [1_000, 30_000] };
