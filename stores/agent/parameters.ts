/** Parameters of AWS Systems Manager: secrets that a container's platform can't inject. */
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { PATIENT_LIMITS } from "#stores/request-limits";

/** Reads a parameter, decrypted. Uses the same operation as ECS, so that one grant serves both. */
const readParameter = async (name: string, client = new SSMClient({ maxAttempts: 3, requestHandler: PATIENT_LIMITS })): Promise<string> => {
  const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: [name], WithDecryption: true }));
  const value = Parameters[0]?.Value;
  if (value === undefined) throw new Error(`There is no parameter ${name}.`);
  return value;
};

export { readParameter };
