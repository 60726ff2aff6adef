import type { ServiceDefinition } from "../../kernel/service";
import { createPolicyControl } from "./operations/policies";
import { createRoleReading } from "./operations/role-reading";
import { createRoleControl } from "./operations/roles";
import { resources } from "./resources";
import { rolesOf } from "./roles";
import { MadeRoles } from "./store";

/** IAM: roles and policies come from the program; others can be made beside them, and are enforced as the program's are. */
const iam: ServiceDefinition = {
  name: "iam",
  always: true,
  wire: { protocol: "query", version: "2010-05-08" },
  resources,
  create: cloud => {
    const roles = rolesOf(cloud.inventory);
    const made = new MadeRoles(cloud.state("iam"), roles);
    return {
      start: () => made.load(),
      stop: async () => {},
      operations: {
        ...createRoleReading(cloud, roles),
        ...createRoleControl(cloud, roles, made),
        ...createPolicyControl(cloud, roles, made),
      },
    };
  },
};

export { iam };
