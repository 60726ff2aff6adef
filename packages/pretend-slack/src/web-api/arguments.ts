import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import { invalidArguments, SlackError } from "../slack-error";

/** A method's arguments. In a form all of them are strings, and structures are JSON; in JSON they are typed. */
class Arguments {
  constructor(private readonly values: Record<string, unknown>) {}

  /** The raw value. */
  raw(name: string): unknown {
    return this.values[name];
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    throw invalidArguments("must be a string", `/${name}`);
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw invalidArguments(`missing required field: ${name}`);
    return value;
  }

  /** The same arguments, with one renamed. */
  renamed(from: string, to: string): Arguments {
    return new Arguments({ ...this.values, [to]: this.values[from] });
  }

  flag(name: string, usually = false): boolean {
    const value = this.text(name);
    return value === undefined ? usually : value === "true" || value === "1";
  }

  /** A whole number from 1 to `most`. Slack reduces larger numbers to the maximum. */
  limit(usually: number, most: number): number {
    const value = this.text("limit");
    if (value === undefined || value === "0") return usually;
    const limit = Number(value);
    if (!Number.isInteger(limit) || limit < 0) throw new SlackError("invalid_limit");
    return Math.min(limit, most);
  }

  object(name: string): Record<string, unknown> | undefined {
    const value = this.#structure(name);
    if (value === undefined) return undefined;
    if (isObject(value)) return value;
    throw invalidArguments("must be an object", `/${name}`);
  }

  list(name: string): unknown[] | undefined {
    const value = this.#structure(name);
    if (value === undefined) return undefined;
    if (Array.isArray(value)) return value;
    throw invalidArguments("must be an array", `/${name}`);
  }

  #structure(name: string): unknown {
    const value = this.values[name];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value);
    } catch {
      throw invalidArguments("must be JSON", `/${name}`);
    }
  }
}

export { Arguments };
