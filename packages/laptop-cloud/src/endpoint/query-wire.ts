/** AWS's query protocol: form parameters in, XML out (AWS Query protocol, Smithy specification). */

type Tree = { [key: string]: Tree | string };

/**
 * Parses form parameters into the input of an SDK command: `A.member.1=x` and `A.entry.1.key=k&A.entry.1.value=v`
 * become a list and an object; `A.entry.1.Name=n&A.entry.1.Value.DataType=t` too. All scalars are strings.
 */
const readQuery = (form: URLSearchParams): Record<string, unknown> => {
  const tree: Tree = Object.create(null);
  for (const [path, value] of form) if (path !== "Action" && path !== "Version") plant(tree, path.split("."), value);
  return unfold(tree) as Record<string, unknown>;
};

const plant = (tree: Tree, path: string[], value: string) => {
  const [head, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const branch = tree[head];
  const inner: Tree = typeof branch === "object" ? branch : Object.create(null);
  tree[head] = inner;
  plant(inner, rest, value);
};

const unfold = (node: Tree | string): unknown => {
  if (typeof node === "string") return node;
  const keys = Object.keys(node);
  if (keys.length === 1 && keys[0] === "member") return listOf(node["member"]!);
  if (keys.length === 1 && keys[0] === "entry") return Object.fromEntries(listOf(node["entry"]!).map(entryOf));
  return Object.fromEntries(keys.map(key => [key, unfold(node[key]!)]));
};

const listOf = (node: Tree | string): unknown[] => {
  if (typeof node === "string") return node === "" ? [] : [node];
  return Object.keys(node)
    .sort((a, b) => Number(a) - Number(b))
    .map(index => unfold(node[index]!));
};

const entryOf = (entry: unknown): [string, unknown] => {
  const { key, value, Name, Value } = entry as Record<string, unknown>;
  return [String(key ?? Name), value ?? Value];
};

/** Writes `<OperationResponse><OperationResult>...`. */
const writeQuery = (operation: string, version: string, namespace: string, output: object, requestId: string) =>
  `<${operation}Response xmlns="http://${namespace}.amazonaws.com/doc/${version}/"><${operation}Result>${writeValue(output)}</${operation}Result>` +
  `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`;

const writeQueryError = (error: { code: string; message: string; status: number }, requestId: string) =>
  `<ErrorResponse><Error><Type>${error.status >= 500 ? "Receiver" : "Sender"}</Type><Code>${escapeXml(error.code)}</Code>` +
  `<Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;

const writeValue = (value: unknown): string => {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(item => `<member>${writeValue(item)}</member>`).join("");
  if (value instanceof Map)
    return [...value]
      .map(([key, item]) => `<entry><key>${escapeXml(String(key))}</key><value>${writeValue(item)}</value></entry>`)
      .join("");
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object")
    return Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => `<${key}>${writeValue(item)}</${key}>`)
      .join("");
  return escapeXml(String(value));
};

// XML 1.0 has no way to write most control characters; U+FFFD keeps the document readable.
const unwritable = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const escapeXml = (text: string) =>
  text
    .replace(unwritable, "\ufffd")
    .replace(/[&<>"\r]/g, character => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#xD;" })[character]!);

export { escapeXml, readQuery, writeQuery, writeQueryError };
