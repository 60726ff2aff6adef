import { noSuchEntity } from "../errors";
import type { Role } from "../roles";
import type { RoleStore } from "../store";

/** Throws `AwsError` NoSuchEntity. */
const findRole = ({ roles }: RoleStore, name: string): Role => {
  const role = roles.named(name);
  if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
};

export { findRole };
