import { existsSync, readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

interface Schema {
  $ref?: string;
  properties?: Record<string, unknown>;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
}

interface Document {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>>;
}

let skippedSaid = false;

const file = new URL("../../../shared/specs/discord-openapi.json", import.meta.url);

/** Discord's own OpenAPI document as a check of requests; without that document (it is no part of the project) nothing is checked. */
export class DiscordSpec {
  readonly #document: Document | undefined;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
  readonly #compiled = new Map<string, ValidateFunction>();
  readonly #routes: { path: string; pattern: RegExp }[] = [];

  constructor() {
    if (!existsSync(file)) {
      if (!skippedSaid) {
        console.warn(
          "SKIPPED: requests are not checked against Discord's OpenAPI document, which is not at ../shared/specs",
        );
      }
      skippedSaid = true;
      return;
    }
    this.#document = JSON.parse(readFileSync(file, "utf8")) as Document;
    this.#ajv.addSchema({ ...this.#document, $id: "discord" });
    // Paths without a variable in a place win over those with one: "@original" is no message id.
    const paths = Object.keys(this.#document.paths).sort((a, b) => a.split("{").length - b.split("{").length);
    this.#routes = paths.map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`) }));
  }

  get loaded(): boolean {
    return this.#document !== undefined;
  }

  /** What is wrong with a request, in a line each. */
  check(method: string, path: string, body: unknown): string[] {
    if (!this.#document) return [];
    const route = this.#routes.find(({ pattern }) => pattern.test(path))?.path;
    const operation = route === undefined ? undefined : this.#document.paths[route]?.[method.toLowerCase()];
    if (route === undefined || !operation) return ["there is no such path and method"];
    const schema = operation.requestBody?.content["application/json"]?.schema;
    if (!schema) return body === undefined ? [] : ["this request has no body"];
    return [...this.#form(route, method, body), ...this.#unknownKeys(schema, body)];
  }

  #form(route: string, method: string, body: unknown): string[] {
    const pointer = `/paths/${route.replaceAll("/", "~1")}/${method.toLowerCase()}/requestBody/content/application~1json/schema`;
    const validate = this.#compiled.get(pointer) ?? this.#ajv.compile({ $ref: `discord#${encodeURI(pointer)}` });
    this.#compiled.set(pointer, validate);
    return validate(body) ? [] : [this.#ajv.errorsText(validate.errors)];
  }

  /** The document allows any further key; the service ignores them, so that a misspelt one is never noticed. */
  #unknownKeys(schema: Schema, body: unknown): string[] {
    if (Array.isArray(body)) return body.flatMap((item) => this.#unknownKeys(schema.items ?? {}, item));
    if (typeof body !== "object" || body === null) return [];
    const known = this.#keys(schema);
    return Object.keys(body)
      .filter((key) => !known.has(key))
      .map((key) => `unknown key ${key}`);
  }

  #keys(schema: Schema): Set<string> {
    const target = schema.$ref === undefined ? schema : (this.#at(schema.$ref) ?? {});
    const parts = [...(target.allOf ?? []), ...(target.anyOf ?? []), ...(target.oneOf ?? [])];
    return new Set([...Object.keys(target.properties ?? {}), ...parts.flatMap((part) => [...this.#keys(part)])]);
  }

  #at(ref: string): Schema | undefined {
    let found: unknown = this.#document;
    for (const step of ref.slice(2).split("/")) found = (found as Record<string, unknown> | undefined)?.[step];
    return found as Schema | undefined;
  }
}
