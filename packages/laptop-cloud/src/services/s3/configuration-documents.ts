import { notImitated } from "../../kernel/aws-error";
import { errors } from "./errors";
import { parseXml, type XmlElement } from "./xml";

/** How an element is read: as which member, and whether it may repeat. */
interface Member {
  /** Default: the element's name. */
  name?: string;
  repeats?: boolean;
  read(element: XmlElement, name: string): unknown;
}

const text: Member = { read: element => element.text };

const number: Member = {
  read: (element, name) => {
    if (!/^-?\d+$/.test(element.text)) throw errors.malformedXml(`<${name}> is ${JSON.stringify(element.text)}, but must be a number.`);
    return Number(element.text);
  },
};

const flag: Member = { read: element => element.text === "true" };

/** ISO 8601. */
const date: Member = {
  read: (element, name) => {
    if (Number.isNaN(Date.parse(element.text)))
      throw errors.malformedXml(`<${name}> is ${JSON.stringify(element.text)}, but must be a date.`);
    return new Date(element.text).toISOString();
  },
};

const list = (name: string, { read }: Member): Member => ({ name, repeats: true, read });

/** Throws `AwsError` NotImplemented for any other element, by its name. */
const object = (members: Record<string, Member>): Member => ({
  read: (element, parent) =>
    Object.fromEntries(
      Object.entries(element.children).map(([name, found]) => {
        const member = Object.hasOwn(members, name) ? members[name]! : undefined;
        if (member === undefined) throw notImitated(`<${name}> in <${parent}>`);
        if (found.length > 1 && !member.repeats) throw errors.malformedXml(`want one <${name}> in <${parent}>.`);
        const values = found.map(each => member.read(each, name));
        return [member.name ?? name, member.repeats ? values : values[0]];
      }),
    ),
});

const cors = object({
  CORSRule: list(
    "CORSRules",
    object({
      ID: text,
      AllowedHeader: list("AllowedHeaders", text),
      AllowedMethod: list("AllowedMethods", text),
      AllowedOrigin: list("AllowedOrigins", text),
      ExposeHeader: list("ExposeHeaders", text),
      MaxAgeSeconds: number,
    }),
  ),
});

const encryption = object({
  Rule: list(
    "Rules",
    object({
      ApplyServerSideEncryptionByDefault: object({ SSEAlgorithm: text, KMSMasterKeyID: text }),
      BucketKeyEnabled: flag,
    }),
  ),
});

const tag = object({ Key: text, Value: text });
const selection = { Prefix: text, ObjectSizeGreaterThan: number, ObjectSizeLessThan: number };
const noncurrent = { NoncurrentDays: number, NewerNoncurrentVersions: number };

const lifecycle = object({
  Rule: list(
    "Rules",
    object({
      ID: text,
      Status: text,
      Prefix: text,
      Filter: object({ ...selection, Tag: tag, And: object({ ...selection, Tag: list("Tags", tag) }) }),
      Expiration: object({ Date: date, Days: number, ExpiredObjectDeleteMarker: flag }),
      Transition: list("Transitions", object({ Date: date, Days: number, StorageClass: text })),
      NoncurrentVersionExpiration: object(noncurrent),
      NoncurrentVersionTransition: list("NoncurrentVersionTransitions", object({ ...noncurrent, StorageClass: text })),
      AbortIncompleteMultipartUpload: object({ DaysAfterInitiation: number }),
    }),
  ),
});

const ownership = object({ Rule: list("Rules", object({ ObjectOwnership: text })) });

const publicAccessBlock = object({
  BlockPublicAcls: flag,
  IgnorePublicAcls: flag,
  BlockPublicPolicy: flag,
  RestrictPublicBuckets: flag,
});

/** A parser of a body into the member of the SDK command's input that has the root element's name. */
const parser =
  (root: string, { read }: Member) =>
  (body: Buffer) => ({ [root]: read(parseXml(body.toString("utf8"), root), root) });

/** Parsers of the configurations of buckets. Each throws `AwsError` MalformedXML, and NotImplemented that names an element. */
const configurationDocuments = {
  cors: parser("CORSConfiguration", cors),
  encryption: parser("ServerSideEncryptionConfiguration", encryption),
  lifecycle: parser("LifecycleConfiguration", lifecycle),
  ownership: parser("OwnershipControls", ownership),
  publicAccessBlock: parser("PublicAccessBlockConfiguration", publicAccessBlock),
};

export { configurationDocuments };
