/** Settings of the adapter, read from the environment by `platform.ts`. */
export interface SlackSettings {
  /** xoxb-… */
  botToken: string;
  /** Over a socket with this app-level token, or as signed HTTP requests on a port of 127.0.0.1. */
  receive: { by: "socket"; appToken: string } | { by: "http"; signingSecret: string; port: number };
  /** Ids of the channels that are served: only these are read after an absence. */
  channels: readonly string[];
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
  /** For this time a message waits, should an older one of its thread come after it. */
  hold: number;
  /** For this time what is said now waits for what was said during an absence: an event has to be acknowledged within 3 seconds. */
  patience: number;
  /** After so long an outage it is read what was said meanwhile; what it could not deliver for a shorter time, Slack delivers again. */
  outage: number;
}

export const deadlines: Deadlines = {
  start: 14_000,
  call: 10_000,
  person: 1_500,
  pause: [1_000, 30_000],
  hold: 150,
  patience: 1_500,
  outage: 20_000,
};
