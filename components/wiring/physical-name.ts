import * as pulumi from "@pulumi/pulumi";

/** Pulumi's name for the organization if the backend has none, such as a bucket of your own or the laptop. */
const NO_ORGANIZATION = "organization";

/**
 * Builds the name of a resource that Pulumi does not name itself, unique in the account: two organizations may deploy stacks of one name there.
 * Source: https://www.pulumi.com/docs/iac/concepts/organizations/
 */
const buildPhysicalName = (name: string, separator = "-"): string => {
  const organization = pulumi.getOrganization();
  return [...(organization === NO_ORGANIZATION ? [] : [organization]), pulumi.getProject(), pulumi.getStack(), name].join(separator);
};

export { buildPhysicalName };
