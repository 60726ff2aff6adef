import { AwsError } from "../../kernel/aws-error";
import { errors } from "./errors";

/** A rule of a bucket's CORS configuration, as SDK commands have it. */
interface CorsRule {
  ID?: string;
  AllowedHeaders?: string[];
  AllowedMethods: string[];
  AllowedOrigins: string[];
  ExposeHeaders?: string[];
  MaxAgeSeconds?: number;
}

/** A browser's request for a page of another origin, or the preflight request before it. */
interface CrossOrigin {
  origin: string;
  method: string;
  /** Headers that a preflight asks for, in lower case. */
  headers?: string[];
}

/** "Elements of a CORS configuration". */
const MAX_RULES = 100;
const METHODS = ["GET", "PUT", "POST", "DELETE", "HEAD"];

/** Throws `AwsError` InvalidRequest, MalformedXML for rules that S3 would refuse. */
const verifyCorsRules = (rules: readonly CorsRule[]): void => {
  if (rules.length === 0 || rules.length > MAX_RULES)
    throw errors.malformedXml(`${rules.length} rules, but there must be 1 to ${MAX_RULES}.`);
  for (const { AllowedMethods = [], AllowedOrigins = [], AllowedHeaders = [] } of rules) {
    if (AllowedMethods.length === 0 || AllowedOrigins.length === 0)
      throw errors.malformedXml("want an <AllowedMethod> and an <AllowedOrigin> in each rule.");
    const method = AllowedMethods.find(each => !METHODS.includes(each));
    if (method !== undefined) throw errors.invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
    const pattern = [...AllowedOrigins, ...AllowedHeaders].find(each => each.split("*").length > 2);
    if (pattern !== undefined) throw errors.invalidRequest(`"${pattern}" can not have more than one wildcard.`);
  }
};

/**
 * The headers that tell a browser what its page may do, by the first rule that allows the request ("How does Amazon S3 evaluate the CORS
 * configuration on a bucket?"). Undefined if no rule does.
 */
const corsHeadersOf = (rules: readonly CorsRule[] | undefined, crossOrigin: CrossOrigin): Record<string, string> | undefined => {
  const rule = rules?.find(each => allows(each, crossOrigin));
  if (rule === undefined) return undefined;
  const isForAll = rule.AllowedOrigins.includes("*");
  return {
    "access-control-allow-origin": isForAll ? "*" : crossOrigin.origin,
    "access-control-allow-methods": rule.AllowedMethods.join(", "),
    ...(isForAll ? {} : { "access-control-allow-credentials": "true" }),
    ...(crossOrigin.headers?.length ? { "access-control-allow-headers": crossOrigin.headers.join(", ") } : {}),
    ...(rule.ExposeHeaders?.length ? { "access-control-expose-headers": rule.ExposeHeaders.join(", ") } : {}),
    ...(rule.MaxAgeSeconds === undefined ? {} : { "access-control-max-age": String(rule.MaxAgeSeconds) }),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
};

const allows = ({ AllowedOrigins, AllowedMethods, AllowedHeaders = [] }: CorsRule, { origin, method, headers = [] }: CrossOrigin) =>
  AllowedOrigins.some(pattern => matches(pattern, origin)) &&
  AllowedMethods.includes(method) &&
  headers.every(header => AllowedHeaders.some(pattern => matches(pattern.toLowerCase(), header)));

/** One `*` stands for any text. */
const matches = (pattern: string, text: string): boolean => {
  const [start, end] = pattern.split("*", 2) as [string, string | undefined];
  return end === undefined ? text === start : text.length >= pattern.length - 1 && text.startsWith(start) && text.endsWith(end);
};

const corsForbidden = (rules: readonly CorsRule[] | undefined, { origin, method, headers = [] }: CrossOrigin) =>
  new AwsError(
    "AccessForbidden",
    rules === undefined
      ? "CORSResponse: CORS is not enabled for this bucket."
      : `CORSResponse: no rule of this bucket allows ${method}${headers.map(header => ` with ${header}`).join("")} from ${origin}.`,
    403,
  );

export type { CorsRule, CrossOrigin };
export { corsForbidden, corsHeadersOf, verifyCorsRules };
