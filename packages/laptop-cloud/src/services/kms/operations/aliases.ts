import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { aliasArn, isAliasName } from "../key";
import { refusePending } from "../key-state";
import type { Keys } from "../store";
import type { OfKey } from "./keys";
import { type Paging, pageOf } from "./page";

interface OfAlias {
  AliasName: string;
}

const createAlias: OperationOf<Keys> = async (keys, input: OfAlias & { TargetKeyId: string }, call) => {
  refuseUnknownParameters(call, input, ["AliasName", "TargetKeyId"]);
  const { AliasName: name, TargetKeyId } = input;
  if (!isAliasName(name))
    throw new AwsError(
      "InvalidAliasNameException",
      `AliasName is ${JSON.stringify(name)}, but must be alias/NAME, and not alias/aws/NAME.`,
    );
  const arn = authorizeAlias(keys, call, name);
  const key = keys.open(call, TargetKeyId);
  refusePending(key);
  if (keys.aliases.has(name)) throw new AwsError("AlreadyExistsException", `An alias with the name ${arn} already exists`);
  await keys.putAlias({ name, keyId: key.id, createdMs: keys.cloud.clock.nowMs(), isDeclared: false });
  return {};
};

const updateAlias: OperationOf<Keys> = async (keys, input: OfAlias & { TargetKeyId: string }, call) => {
  refuseUnknownParameters(call, input, ["AliasName", "TargetKeyId"]);
  const alias = openAlias(keys, call, input.AliasName);
  const key = keys.open(call, input.TargetKeyId);
  refusePending(key);
  await keys.putAlias({ ...alias, keyId: key.id });
  return {};
};

const deleteAlias: OperationOf<Keys> = async (keys, input: OfAlias, call) => {
  refuseUnknownParameters(call, input, ["AliasName"]);
  const { name } = openAlias(keys, call, input.AliasName);
  await keys.deleteAlias(name);
  return {};
};

/** Behaves as ListAliases; differs: AWS's own aliases are not listed. */
const listAliases: OperationOf<Keys> = async (keys, input: Partial<OfKey> & Paging, call) => {
  refuseUnknownParameters(call, input, ["KeyId", "Limit", "Marker"]);
  call.authorize("kms:ListAliases", "*");
  const id = input.KeyId?.split("/").at(-1);
  const chosen = [...keys.aliases.values()].filter(({ keyId }) => id === undefined || keyId === id);
  const { items, more } = pageOf(chosen, ({ name }) => name, input);
  const Aliases = items.map(({ name, keyId, createdMs }) => ({
    AliasName: name,
    AliasArn: aliasArn(name, keys.cloud.place),
    TargetKeyId: keyId,
    CreationDate: createdMs / 1000,
  }));
  return { Aliases, ...more };
};

/** The caller needs the permission for the alias, and for its key. Throws `AwsError` NotFoundException. */
const openAlias = (keys: Keys, call: Call, name: string) => {
  const arn = authorizeAlias(keys, call, name);
  const alias = keys.aliases.get(name);
  if (alias === undefined) throw new AwsError("NotFoundException", `Alias ${arn} is not found.`);
  const key = keys.find(alias.keyId);
  if (key !== undefined) keys.authorize(call, key, { operation: call.operation });
  return alias;
};

const authorizeAlias = (keys: Keys, call: Call, name: string): string => {
  const arn = aliasArn(name, keys.cloud.place);
  call.authorize(`kms:${call.operation}`, arn);
  return arn;
};

export { createAlias, deleteAlias, listAliases, updateAlias };
