import type { PolicyStatement } from "../../kernel/service";
import { PolicyError } from "./pattern";

/** The principals in policies that match a caller. */
type Identity = { service: string; region: string } | { roleArn: string; account: string };

/** The principals of a statement. An account only delegates to its identities, which still need their own policy. */
interface Principals {
  match(identity: Identity): "named" | "account" | undefined;
}

/**
 * Services that policies may also name with their region, `states.us-east-1.amazonaws.com`: Step Functions, CloudWatch Logs ("Encrypt log
 * data in CloudWatch Logs using AWS KMS") and CodeDeploy ("Create a service role for CodeDeploy").
 */
const REGIONAL_SERVICES = new Set(["states", "logs", "codedeploy"]);

/** The names of a service principal in policies. */
const namesOf = (principal: string, region: string): string[] => {
  const [service = "", ...domain] = principal.split(".");
  return REGIONAL_SERVICES.has(service) ? [principal, [service, region, ...domain].join(".")] : [principal];
};

/** Throws `PolicyError`. */
const compilePrincipals = (principal: NonNullable<PolicyStatement["Principal"]>): Principals => {
  if (principal === "*") return { match: () => "named" };
  const services = new Set<string>();
  const roles = new Set<string>();
  const accounts = new Set<string>();
  for (const [kind, values] of Object.entries(principal)) {
    for (const value of [values].flat()) {
      if (value === "*" && kind === "AWS") return { match: () => "named" };
      if (kind === "Service") services.add(value);
      else if (kind === "AWS") addAws(value, roles, accounts);
      else
        throw new PolicyError(
          `The principal ${JSON.stringify({ [kind]: value })} is not imitated. The laptop cloud imitates "*", AWS and Service.`,
        );
    }
  }
  return {
    match: identity => {
      if ("service" in identity) return namesOf(identity.service, identity.region).some(name => services.has(name)) ? "named" : undefined;
      if (roles.has(identity.roleArn)) return "named";
      return accounts.has(identity.account) ? "account" : undefined;
    },
  };
};

const addAws = (value: string, roles: Set<string>, accounts: Set<string>) => {
  const account = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(value)?.[1];
  if (account !== undefined) accounts.add(account);
  else if (/^arn:aws:iam::\d{12}:(role|user)\/[^*?]+$/.test(value)) roles.add(value);
  else
    throw new PolicyError(
      `The principal ${JSON.stringify(value)} is not imitated. The laptop cloud imitates "*", accounts, and ARNs of roles.`,
    );
};

export type { Identity, Principals };
export { compilePrincipals };
