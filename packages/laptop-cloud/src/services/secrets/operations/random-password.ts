import { randomInt } from "node:crypto";
import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";

interface PasswordInput {
  PasswordLength?: number;
  ExcludeCharacters?: string;
  ExcludeLowercase?: boolean;
  ExcludeNumbers?: boolean;
  ExcludePunctuation?: boolean;
  ExcludeUppercase?: boolean;
  IncludeSpace?: boolean;
  RequireEachIncludedType?: boolean;
}

const PARTS: (keyof PasswordInput)[] = [
  "PasswordLength",
  "ExcludeCharacters",
  "ExcludeLowercase",
  "ExcludeNumbers",
  "ExcludePunctuation",
  "ExcludeUppercase",
  "IncludeSpace",
  "RequireEachIncludedType",
];

const LOWERCASE = "abcdefghijklmnopqrstuvwxyz";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/** GetRandomPassword, Secrets Manager API reference. */
const DEFAULT_LENGTH = 32;
const MAX_LENGTH = 4096;

const getRandomPassword: OperationOf<unknown> = async (_secrets, input: PasswordInput, call) => {
  refuseUnknownParameters(call, input, PARTS);
  call.authorize("secretsmanager:GetRandomPassword", "*");
  const { PasswordLength = DEFAULT_LENGTH, RequireEachIncludedType = true } = input;
  const types = includedTypes(input);
  const required = RequireEachIncludedType ? types : [];
  if (types.length === 0) throw invalid("All characters are excluded.");
  if (!(Number.isInteger(PasswordLength) && PasswordLength >= Math.max(1, required.length) && PasswordLength <= MAX_LENGTH))
    throw invalid(`PasswordLength is ${PasswordLength}, but must be ${Math.max(1, required.length)} to ${MAX_LENGTH}.`);
  const all = types.join("");
  const free = Array.from({ length: PasswordLength - required.length }, () => pick(all));
  return { RandomPassword: shuffle([...required.map(pick), ...free]).join("") };
};

/** The characters of each type. */
const includedTypes = (input: PasswordInput): string[] =>
  [
    input.ExcludeLowercase ? "" : LOWERCASE,
    input.ExcludeUppercase ? "" : LOWERCASE.toUpperCase(),
    input.ExcludeNumbers ? "" : "0123456789",
    input.ExcludePunctuation ? "" : PUNCTUATION,
    input.IncludeSpace ? " " : "",
  ]
    .map(type => [...type].filter(character => !input.ExcludeCharacters?.includes(character)).join(""))
    .filter(type => type !== "");

const pick = (characters: string) => characters[randomInt(characters.length)]!;

const shuffle = (characters: string[]): string[] => {
  const rest = [...characters];
  return characters.map(() => rest.splice(randomInt(rest.length), 1)[0]!);
};

const invalid = (message: string) => new AwsError("InvalidParameterException", message);

export { getRandomPassword };
