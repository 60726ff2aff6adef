import { DEFAULT_ROTATION_DAYS, DEFAULT_WINDOW_DAYS, defaultPolicy } from "./key";
import type { Keys } from "./store";

const DAY_MS = 86_400_000;

/**
 * Creates the keys and aliases that the program declares. A key that it no longer declares is scheduled for deletion, as Pulumi does it.
 * Differs: if the program declares it again in time, the deletion is cancelled; Pulumi would create another key.
 */
const reconcile = async (keys: Keys) => {
  const { inventory, clock, place } = keys.cloud;
  const declared = inventory.ofType("aws:kms/key:Key");
  const policies = inventory.ofType("aws:kms/keyPolicy:KeyPolicy");
  for (const { inputs, outputs } of declared) {
    const separate = policies.findLast(({ inputs: { keyId } }) => [outputs["keyId"], outputs["arn"]].includes(keyId));
    const text: string | undefined = separate?.inputs["policy"] ?? inputs["policy"];
    await keys.put(outputs["keyId"], {
      description: inputs["description"] ?? "",
      policy: text === undefined ? defaultPolicy(place) : JSON.parse(text),
      isEnabled: inputs["isEnabled"] ?? true,
      rotationDays: inputs["enableKeyRotation"] === true ? (inputs["rotationPeriodInDays"] ?? DEFAULT_ROTATION_DAYS) : undefined,
      tags: inputs["tags"] ?? {},
      declaredWindowDays: inputs["deletionWindowInDays"] ?? DEFAULT_WINDOW_DAYS,
      deletionMs: undefined,
    });
  }
  const ids = new Set(declared.map(({ outputs }) => outputs["keyId"]));
  for (const key of keys.all()) {
    const { id, declaredWindowDays, deletionMs } = key;
    if (declaredWindowDays !== undefined && deletionMs === undefined && !ids.has(id))
      await keys.change(key, { deletionMs: clock.nowMs() + declaredWindowDays * DAY_MS });
  }

  const aliases = inventory.ofType("aws:kms/alias:Alias");
  for (const { name, outputs } of aliases) {
    const keyId = String(outputs["targetKeyArn"]).split("/").at(-1)!;
    if (keys.find(keyId) === undefined) throw new Error(`"${name}" is an alias of the key ${keyId}, which does not exist.`);
    await keys.putAlias({ name: outputs["name"], keyId, createdMs: clock.nowMs(), isDeclared: true });
  }
  const names = new Set(aliases.map(({ outputs }) => outputs["name"]));
  for (const { name, isDeclared } of [...keys.aliases.values()]) if (isDeclared && !names.has(name)) await keys.deleteAlias(name);
};

export { reconcile };
