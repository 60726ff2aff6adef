/** The id of the CloudEvent (1.0, JSON) that a message carries, by itself or inside an SNS notification; for traces. */
const readCloudEventId = (text: string): string | undefined => {
  // Most other messages are recognized without parsing them.
  if (!text.includes("specversion")) return undefined;
  const value = parseObject(text);
  if (value === undefined) return undefined;
  if (typeof value["specversion"] === "string" && typeof value["id"] === "string") return value["id"];
  return typeof value["Message"] === "string" ? readCloudEventId(value["Message"]) : undefined;
};

const parseObject = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

export { readCloudEventId };
