import { escapeXml } from "../../endpoint/query-wire";
import { errors } from "./errors";

/** An element's children by name, as lists because elements may repeat; or its text if it has none. */
interface XmlElement {
  children: Record<string, XmlElement[]>;
  text: string;
}

/**
 * Parses the small XML documents in S3 requests: elements and text. Attributes and namespaces are ignored.
 *
 * Throws `AwsError` MalformedXML, also for a document type (it could name entities) and for any other root element.
 */
const parseXml = (document: string, root: string): XmlElement => {
  const top: XmlElement = { children: {}, text: "" };
  const open: { name: string; element: XmlElement }[] = [{ name: "", element: top }];
  let at = 0;
  for (const match of document.matchAll(token)) {
    if (match.index !== at) throw errors.malformedXml(`"<" at ${at} begins no element.`);
    at += match[0].length;
    const { text, cdata, closing, opening, empty } = match.groups!;
    const current = open.at(-1)!;
    if (text !== undefined) current.element.text += unescapeXml(text);
    else if (cdata !== undefined) current.element.text += cdata;
    else if (closing !== undefined) {
      if (open.length === 1 || current.name !== closing) throw errors.malformedXml(`</${closing}> closes nothing.`);
      open.pop();
    } else if (opening !== undefined) {
      const element: XmlElement = { children: {}, text: "" };
      const name = opening.split(":").at(-1)!;
      current.element.children[name] = [...(current.element.children[name] ?? []), element];
      if (empty === undefined) open.push({ name: opening, element });
    }
  }
  const element = top.children[root]?.[0];
  if (at !== document.length || open.length !== 1 || element === undefined) throw errors.malformedXml(`it must have one <${root}>.`);
  return element;
};

const token =
  /(?<text>[^<]+)|<!\[CDATA\[(?<cdata>.*?)\]\]>|<\?.*?\?>|<!--.*?-->|<\/(?<closing>[\w:.-]+)\s*>|<(?<opening>[\w:.-]+)(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(?<empty>\/)?>/gsy;

const namedEntities: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

const unescapeXml = (text: string) =>
  text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w+);/gi, (whole, entity: string) => {
    if (!entity.startsWith("#")) return namedEntities[entity] ?? whole;
    const code = entity[1]!.toLowerCase() === "x" ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

/** The text of a child, if there is one. */
const textOf = (element: XmlElement, name: string): string | undefined => element.children[name]?.[0]?.text;

/** Writes a document: lists repeat their element, dates are ISO 8601, undefined values are omitted. */
const writeXml = (root: string, content: object): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${writeChildren(content)}</${root}>`;

const writeChildren = (content: object): string =>
  Object.entries(content)
    .map(([name, value]) => (Array.isArray(value) ? value.map(item => writeElement(name, item)).join("") : writeElement(name, value)))
    .join("");

const writeElement = (name: string, value: unknown): string => {
  if (value === undefined || value === null) return "";
  return `<${name}>${writeContent(value)}</${name}>`;
};

const writeContent = (value: unknown): string => {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" && value !== null ? writeChildren(value) : escapeXml(String(value));
};

export type { XmlElement };
export { parseXml, textOf, writeXml };
