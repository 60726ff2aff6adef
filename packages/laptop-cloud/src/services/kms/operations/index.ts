import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { Keys } from "../store";
import * as aliases from "./aliases";
import * as cryptography from "./cryptography";
import * as keyOperations from "./keys";
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from "./policies";
import { listResourceTags, tagResource, untagResource } from "./tags";

const createOperations = (keys: Keys): Service["operations"] =>
  bindOperations(keys, {
    ...aliases,
    ...cryptography,
    ...keyOperations,
    getKeyPolicy,
    listKeyPolicies,
    putKeyPolicy,
    listResourceTags,
    tagResource,
    untagResource,
  });

export { createOperations };
