import { notImitated } from "../../kernel/aws-error";
import { errors } from "./errors";
import { parseXml, textOf, type XmlElement } from "./xml";

/** Parsers of XML bodies into the members of SDK commands. Each throws `AwsError` MalformedXML. */
const requestDocuments = {
  createBucket: (body: Buffer) => {
    if (body.length === 0) return {};
    const root = parseXml(body.toString("utf8"), "CreateBucketConfiguration");
    return { CreateBucketConfiguration: { LocationConstraint: textOf(root, "LocationConstraint") || undefined } };
  },

  delete: (body: Buffer) => {
    const root = parseXml(body.toString("utf8"), "Delete");
    return {
      Delete: {
        Objects: (root.children["Object"] ?? []).map(readDeleted),
        Quiet: textOf(root, "Quiet") === "true",
      },
    };
  },

  completeMultipartUpload: (body: Buffer) => {
    const root = parseXml(body.toString("utf8"), "CompleteMultipartUpload");
    const parts = root.children["Part"] ?? [];
    return {
      MultipartUpload: { Parts: parts.map(part => ({ PartNumber: Number(required(part, "PartNumber")), ETag: textOf(part, "ETag") })) },
    };
  },

  tagging: (body: Buffer) => {
    const [set] = parseXml(body.toString("utf8"), "Tagging").children["TagSet"] ?? [];
    const tags = set?.children["Tag"] ?? [];
    return { Tagging: { TagSet: tags.map(tag => ({ Key: required(tag, "Key"), Value: textOf(tag, "Value") ?? "" })) } };
  },

  versioning: (body: Buffer) => {
    const root = parseXml(body.toString("utf8"), "VersioningConfiguration");
    if (textOf(root, "MfaDelete") === "Enabled") throw notImitated("<MfaDelete> of PutBucketVersioning");
    return { VersioningConfiguration: { Status: textOf(root, "Status") } };
  },
};

const readDeleted = (object: XmlElement) => {
  for (const name of ["LastModifiedTime", "Size"])
    if (textOf(object, name) !== undefined) throw notImitated(`<${name}> of DeleteObjects, a condition for directory buckets`);
  return { Key: required(object, "Key"), VersionId: textOf(object, "VersionId"), ETag: textOf(object, "ETag") };
};

const required = (element: XmlElement, name: string): string => {
  const text = textOf(element, name);
  if (text === undefined) throw errors.malformedXml(`it must have a <${name}>.`);
  return text;
};

export { requestDocuments };
