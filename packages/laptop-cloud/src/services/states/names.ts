import { AwsError } from "../../kernel/aws-error";
import type { Place } from "../../kernel/service";

/** "Quotas related to state machines": names of machines and executions. */
const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u;
const MAX_NAME_LENGTH = 80;

/** Throws `AwsError` InvalidName. */
const verifyName = (name: string) => {
  if (name.length === 0 || name.length > MAX_NAME_LENGTH || forbidden.test(name))
    throw new AwsError(
      "InvalidName",
      `Invalid Name: '${name}' must have 1 to ${MAX_NAME_LENGTH} characters, without white space and without <>{}[]?*"#%\\^|~\`$&,;:/`,
    );
};

const machineArn = ({ region, account }: Place, name: string) => `arn:aws:states:${region}:${account}:stateMachine:${name}`;

const executionArn = ({ region, account }: Place, machine: string, name: string) =>
  `arn:aws:states:${region}:${account}:execution:${machine}:${name}`;

/** Throws `AwsError` InvalidArn. */
const parseMachineArn = (arn: string): string => {
  const name = /^arn:aws:states:[\w-]+:\d{12}:stateMachine:([^:]+)$/.exec(arn)?.[1];
  if (name === undefined) throw new AwsError("InvalidArn", `Invalid Arn: '${arn}' names no state machine`);
  return name;
};

/** `MACHINE/NAME`. Throws `AwsError` InvalidArn. */
const parseExecutionArn = (arn: string): string => {
  const [, machine, name] = /^arn:aws:states:[\w-]+:\d{12}:execution:([^:]+):([^:]+)$/.exec(arn) ?? [];
  if (machine === undefined || name === undefined) throw new AwsError("InvalidArn", `Invalid Arn: '${arn}' names no execution`);
  return `${machine}/${name}`;
};

export { executionArn, machineArn, parseExecutionArn, parseMachineArn, verifyName };
