import { createHash } from "node:crypto";
import type { Declared } from "../../kernel/service";
import { parseValue, type SecretValue } from "./secret";

/** The value of a declared version. Throws `AwsError` InvalidParameterException. */
const readValue = ({ inputs }: Pick<Declared, "inputs">): SecretValue =>
  parseValue({ SecretString: inputs["secretString"], SecretBinary: inputs["secretBinary"] });

/** Follows from name and value, so that a version is added when the program changes the value, and not at each start. */
const declaredVersionId = ({ name, inputs }: Pick<Declared, "name" | "inputs">): string =>
  createHash("sha256")
    .update(JSON.stringify([name, readValue({ inputs })]))
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");

export { declaredVersionId, readValue };
