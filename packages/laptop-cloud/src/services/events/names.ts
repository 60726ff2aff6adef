import { AwsError } from "../../kernel/aws-error";
import type { Place } from "../../kernel/service";

const DEFAULT_BUS = "default";

const busArn = (name: string, { region, account }: Place) => `arn:aws:events:${region}:${account}:event-bus/${name}`;

const ruleArn = (bus: string, name: string, { region, account }: Place) =>
  `arn:aws:events:${region}:${account}:rule/${bus === DEFAULT_BUS ? "" : `${bus}/`}${name}`;

/** The name of a bus that is given by name, by ARN, or not at all. */
const busNameOf = (nameOrArn: unknown): string =>
  nameOrArn === undefined || nameOrArn === null || nameOrArn === "" ? DEFAULT_BUS : String(nameOrArn).split(":event-bus/").at(-1)!;

const isName = (name: unknown, maxLength: number): name is string =>
  typeof name === "string" && name.length <= maxLength && /^[.\-_A-Za-z0-9]+$/.test(name);

const invalid = (message: string) => new AwsError("ValidationException", message);

const notFound = (message: string) => new AwsError("ResourceNotFoundException", message);

export { busArn, busNameOf, DEFAULT_BUS, invalid, isName, notFound, ruleArn };
