import { declaredVersionId, readValue } from "./declared-version";
import { addVersion } from "./secret";
import type { Secrets } from "./store";

/**
 * Creates the secrets that the program declares, and deletes those that it no longer declares. A declared value becomes current when it
 * is new; until it changes, later values of API calls stay current, as after a rotation.
 */
const reconcile = async (secrets: Secrets) => {
  const { inventory, clock } = secrets.cloud;
  const declared = inventory.ofType("aws:secretsmanager/secret:Secret");
  const policies = inventory.ofType("aws:secretsmanager/secretPolicy:SecretPolicy");
  for (const { outputs, inputs } of declared) {
    const separate = policies.findLast(({ inputs: { secretArn } }) => [outputs["arn"], outputs["name"]].includes(secretArn));
    const text: string | undefined = separate?.inputs["policy"] ?? inputs["policy"];
    const policy = text === undefined ? undefined : JSON.parse(text);
    const changes = { declared: true, description: inputs["description"], tags: inputs["tags"] ?? {}, deletedMs: undefined, policy };
    await secrets.put(outputs["name"], changes);
  }
  const names = new Set(declared.map(({ outputs }) => outputs["name"]));
  for (const secret of secrets.all()) if (secret.declared && !names.has(secret.name)) await secrets.delete(secret.name);

  for (const version of inventory.ofType("aws:secretsmanager/secretVersion:SecretVersion")) {
    const secret = secrets.find(version.inputs["secretId"]);
    if (secret === undefined)
      throw new Error(`"${version.name}" is a version of the secret ${version.inputs["secretId"]}, which does not exist.`);
    const added = {
      value: readValue(version),
      id: declaredVersionId(version),
      stages: version.inputs["versionStages"],
      nowMs: clock.nowMs(),
    };
    await secrets.put(secret.name, { versions: addVersion(secret.versions, added) });
  }
};

export { reconcile };
